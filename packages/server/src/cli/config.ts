/** Environment variables to settings. The only file that reads process.env; it starts nothing. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError, hmac, jwt, none } from '../index.ts';
import type { ListenOptions, VoiceProxyOptions } from '../index.ts';
import { checkPassedTokens, readEntra, readUncheckedEntra } from './azure-settings.ts';
import { named, required, textOf, type Environment } from './environment.ts';
import { compatNotes, readProxyOptions } from './proxy-settings.ts';
import { readRoutes } from './route-settings.ts';

export type { Environment };

export interface ServeConfig {
  readonly proxy: VoiceProxyOptions;
  readonly listen: ListenOptions;
  /** What works differently than someone may expect, one sentence each. */
  readonly notes: readonly string[];
}

export interface TokenClaims {
  readonly secret: string;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
}

const DEFAULT_PORT = 8080;
const DEFAULT_HOST = '127.0.0.1';

/** Reads a file of settings into process.env; variables that are already set win. Without a path: .env, if there is one. */
export function loadSettings(path?: string): void {
  try {
    process.loadEnvFile(path ?? '.env');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && path === undefined) return;
    const problem = isMissing ? 'is not there' : 'cannot be read';
    throw new ConfigError(path ?? '.env', `${problem}. It is a text file with one NAME=value a line.`);
  }
}

/** `devTls` is the command line's. @throws ConfigError that names the variable and the fix. */
export function readServeConfig(env: Environment = process.env, devTls = false): ServeConfig {
  const tls = readTls(env);
  if (devTls && tls) throw new ConfigError('--dev-tls', 'is given, but TLS_CERT_FILE is set. Leave one out.');
  checkProduction(env, tls !== undefined);
  const host = textOf(env, 'HOST') ?? DEFAULT_HOST;
  const routes = readRoutes(env);
  const auth = readAuth(env);
  checkPassedTokens(env, auth);
  const proxy = readProxyOptions(env, { auth, routes });
  return {
    proxy,
    listen: { port: readPort(env), host, tls, ...(devTls ? { devTls } : {}) },
    notes: [
      ...(devTls
        ? ['--dev-tls: nobody but you should trust this certificate; open the page once to accept it.']
        : []),
      ...compatNotes(proxy),
      ...notesOf(env, { host, hasTls: devTls || tls !== undefined }),
    ],
  };
}

/** What tokens for this server must hold. @throws ConfigError when the secret is not set or weak. */
export function readTokenClaims(env: Environment = process.env): TokenClaims {
  const secret = required(env, 'JWT_SECRET', 'the secret your tokens are signed with, 32 bytes or more');
  named('JWT_SECRET', () => jwt({ secret, algorithms: ['HS256'] }));
  return { secret, issuer: textOf(env, 'JWT_ISSUER'), audience: textOf(env, 'JWT_AUDIENCE') };
}

function readAuth(env: Environment): VoiceProxyOptions['auth'] {
  switch (textOf(env, 'AUTH') ?? 'jwt') {
    case 'jwt':
      return jwt({ ...readTokenClaims(env), algorithms: ['HS256'] });
    case 'entra':
      return readEntra(env);
    case 'entra-unchecked':
      return readUncheckedEntra(env);
    case 'hmac':
      return readHmac(env);
    case 'none':
      return none();
    default:
      throw new ConfigError(
        'AUTH',
        'is neither jwt, entra, entra-unchecked, hmac nor none. Leave it out for jwt.',
      );
  }
}

function readHmac(env: Environment): VoiceProxyOptions['auth'] {
  const secret = required(env, 'HMAC_SECRET', 'the secret your backend signs with, 32 bytes or more');
  named('HMAC_SECRET', () => hmac({ secrets: { backend: secret } }));
  const id = textOf(env, 'HMAC_KEY') ?? 'backend';
  return named('HMAC_KEY', () => hmac({ secrets: { [id]: secret } }));
}

function readPort(env: Environment): number {
  const text = textOf(env, 'PORT') ?? String(DEFAULT_PORT);
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new ConfigError('PORT', 'is not a port. Give a number from 0 to 65535.');
  return port;
}

function readTls(env: Environment): ListenOptions['tls'] {
  const certFile = textOf(env, 'TLS_CERT_FILE');
  const keyFile = textOf(env, 'TLS_KEY_FILE');
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined)
    throw new ConfigError('TLS_CERT_FILE', 'is not set, but TLS_KEY_FILE is. Set both or none.');
  if (keyFile === undefined)
    throw new ConfigError('TLS_KEY_FILE', 'is not set, but TLS_CERT_FILE is. Set both or none.');
  const pair = { cert: readPem('TLS_CERT_FILE', certFile), key: readPem('TLS_KEY_FILE', keyFile) };
  try {
    createSecureContext(pair);
    return pair;
  } catch {
    const problem =
      'and TLS_KEY_FILE do not hold a certificate and its key in PEM form. Check that they belong together.';
    throw new ConfigError('TLS_CERT_FILE', problem);
  }
}

function readPem(name: string, path: string): string {
  // A key that was pasted in place of its path must not be repeated in the error.
  if (path.includes('-----BEGIN')) {
    throw new ConfigError(name, 'holds a PEM text. Write it to a file and give the path of that file.');
  }
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(name, `names ${path}, which cannot be read. Check the path and its permissions.`);
  }
}

function checkProduction(env: Environment, hasTls: boolean): void {
  if (env['NODE_ENV'] !== 'production' || hasTls || textOf(env, 'BEHIND_TLS_PROXY') === 'true') return;
  throw new ConfigError(
    'TLS_CERT_FILE',
    'is not set, and tokens would travel in the clear. Set TLS_CERT_FILE and TLS_KEY_FILE, ' +
      'or BEHIND_TLS_PROXY=true when a proxy in front ends TLS.',
  );
}

function notesOf(env: Environment, { host, hasTls }: { host: string; hasTls: boolean }): string[] {
  const isLocal = host === DEFAULT_HOST || host === 'localhost' || host === '::1';
  return [
    ...(isLocal ? ['HOST: only this machine can connect; HOST=0.0.0.0 opens it to the network.'] : []),
    ...(hasTls || isLocal
      ? []
      : ['TLS_CERT_FILE, TLS_KEY_FILE: not set, so this is plain HTTP; put TLS in front.']),
    ...(textOf(env, 'ALLOWED_ORIGINS') === undefined
      ? ['ALLOWED_ORIGINS: not set, so only pages of the same host may connect.']
      : []),
  ];
}
