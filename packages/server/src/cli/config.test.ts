import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ConfigError, createVoiceProxy } from '../index.ts';
import { TEST_CERTIFICATE } from '../../test/support/test-certificate.ts';
import { loadSettings, readServeConfig, readTokenClaims, type Environment } from './config.ts';

const KEY = 'a-provider-key-0123456789';
const SECRET = 'a-signing-secret-of-32-bytes-or-more';
const good: Environment = { DEEPGRAM_API_KEY: KEY, JWT_SECRET: SECRET };

let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-test-'));
  writeFileSync(file('cert.pem'), TEST_CERTIFICATE.cert);
  writeFileSync(file('key.pem'), TEST_CERTIFICATE.key);
  writeFileSync(file('rubbish.pem'), 'a-private-text');
});
afterAll(() => rmSync(folder, { recursive: true }));

const tls = (): Environment => ({ TLS_CERT_FILE: file('cert.pem'), TLS_KEY_FILE: file('key.pem') });

function errorOf(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('readServeConfig', () => {
  it('needs a key and a secret, and serves this machine only', () => {
    const config = readServeConfig(good);
    expect(config.listen).toEqual({ port: 8080, host: '127.0.0.1', tls: undefined });
    expect(Object.keys(config.proxy.routes)).toEqual(['/deepgram-proxy']);
    expect(config.proxy.auth.title).toBe('jwt (HS256)');
    expect(config.proxy.origins).toBeUndefined();
    expect(config.notes.map((note) => note.split(':')[0])).toEqual(['HOST', 'ALLOWED_ORIGINS']);
  });

  it('takes what is set but empty, as in a copied example, for not set', () => {
    const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
    const names = [...example.matchAll(/^([A-Z_]+)=$/gm)].map((match) => match[1] as string);
    expect(names).toContain('DEEPGRAM_API_KEY');
    const empty = Object.fromEntries(names.map((name) => [name, ' ']));
    expect(readServeConfig({ ...empty, ...good }).listen).toEqual(readServeConfig(good).listen);
  });

  it('reads every variable', () => {
    const config = readServeConfig({
      ...good,
      ...tls(),
      PORT: ' 0 ',
      HOST: '0.0.0.0',
      ALLOWED_ORIGINS: ' https://a.test , ,http://localhost:5173,',
      DEEPGRAM_AGENT_URL: 'ws://127.0.0.1:9/agent',
      DEEPGRAM_LISTEN_URL: 'wss://own.test/listen',
    });
    expect(config.listen).toMatchObject({ port: 0, host: '0.0.0.0', tls: TEST_CERTIFICATE });
    expect(config.proxy.origins).toEqual(['https://a.test', 'http://localhost:5173']);
    expect(config.proxy.routes['/deepgram-proxy']).toMatchObject({
      preset: {
        endpoints: {
          agent: { url: 'ws://127.0.0.1:9/agent' },
          listen: { url: 'wss://own.test/listen' },
        },
      },
    });
    expect(config.notes).toEqual([]);
  });

  const anthropic = { ANTHROPIC_API_KEY: 'sk-ant-0123456789', CLAUDE_MODEL: 'claude-test-1' };
  const asr = { ASR_UPLOAD_URL: 'https://asr.test/transcribe' };

  it.each([
    { env: anthropic, paths: ['/api/query', '/api/analytics-query', '/api/rate-limit-status'] },
    { env: asr, paths: ['/api/v1/asr/transcribe'] },
    {
      env: { ...asr, ASR_UPLOAD_KEY: 'k', DEEPGRAM_API_KEY: KEY },
      paths: ['/deepgram-proxy', '/api/v1/asr/transcribe'],
    },
  ])('serves $paths', ({ env, paths }) => {
    expect(Object.keys(readServeConfig({ JWT_SECRET: SECRET, ...env }).proxy.routes)).toEqual(paths);
  });

  it('reads addresses and hops', () => {
    const { proxy } = readServeConfig({ ...good, IP_ALLOW_LIST: '10.0.0.0/8, ::1', TRUSTED_PROXIES: '2' });
    expect(proxy).toMatchObject({ ipAllowList: ['10.0.0.0/8', '::1'], trustedProxies: 2 });
  });

  it('takes signed requests in place of tokens', () => {
    const { auth } = readServeConfig({ DEEPGRAM_API_KEY: KEY, AUTH: 'hmac', HMAC_SECRET: SECRET }).proxy;
    expect(auth.title).toContain('hmac');
  });

  it('takes a certificate of its own making from the command line, unless there is one', () => {
    const { listen, notes } = readServeConfig(good, true);
    expect(listen).toMatchObject({ tls: undefined, devTls: true });
    expect(notes.some((note) => note.startsWith('--dev-tls: '))).toBe(true);
    expect(errorOf(() => readServeConfig({ ...good, ...tls() }, true)).option).toBe('--dev-tls');
    const production = { ...good, NODE_ENV: 'production' };
    expect(errorOf(() => readServeConfig(production, true)).option).toBe('TLS_CERT_FILE');
  });

  it('makes options that createVoiceProxy takes', () => {
    expect(createVoiceProxy({ ...readServeConfig(good).proxy, logger: false }).sessions).toBe(0);
  });

  it('lets everybody in only when that is written out', () => {
    const config = readServeConfig({ DEEPGRAM_API_KEY: KEY, AUTH: 'none' });
    expect(config.proxy.auth.title).toContain('everybody');
  });

  it('notes that plain HTTP is open to the network', () => {
    const { notes } = readServeConfig({ ...good, HOST: '0.0.0.0', ALLOWED_ORIGINS: 'https://a.test' });
    expect(notes).toEqual([expect.stringMatching(/^TLS_CERT_FILE, TLS_KEY_FILE: /)]);
  });

  it.each([{ BEHIND_TLS_PROXY: 'true' }, 'tls'])('takes production with %o', (how) => {
    const more = how === 'tls' ? tls() : (how as Environment);
    expect(() => readServeConfig({ ...good, NODE_ENV: 'production', ...more })).not.toThrow();
  });
});

describe('readServeConfig refuses', () => {
  it.each([
    {
      title: 'no key',
      env: { DEEPGRAM_API_KEY: undefined },
      name: 'DEEPGRAM_API_KEY',
      fix: 'DEEPGRAM_API_KEY=',
    },
    {
      title: 'a key of white space',
      env: { DEEPGRAM_API_KEY: ' \n' },
      name: 'DEEPGRAM_API_KEY',
      fix: 'DEEPGRAM_API_KEY=',
    },
    {
      title: 'a key that cannot travel',
      env: { DEEPGRAM_API_KEY: `"${KEY}"` },
      name: 'DEEPGRAM_API_KEY',
      fix: 'Copy the key again',
    },
    {
      title: 'a model without key',
      env: { CLAUDE_MODEL: 'claude-test-1' },
      name: 'ANTHROPIC_API_KEY',
      fix: 'ANTHROPIC_API_KEY=',
    },
    {
      title: 'a key without model',
      env: { ANTHROPIC_API_KEY: KEY },
      name: 'CLAUDE_MODEL',
      fix: 'CLAUDE_MODEL=',
    },
    {
      title: 'a model that is none',
      env: { ANTHROPIC_API_KEY: KEY, CLAUDE_MODEL: '../x' },
      name: 'CLAUDE_MODEL',
      fix: 'spelling',
    },
    {
      title: 'tokens that are no number',
      env: { ANTHROPIC_API_KEY: KEY, CLAUDE_MODEL: 'm', CLAUDE_MAX_TOKENS: 'many' },
      name: 'CLAUDE_MAX_TOKENS',
      fix: 'digits',
    },
    {
      title: 'an upload in the clear',
      env: { ASR_UPLOAD_URL: 'http://asr.test' },
      name: 'ASR_UPLOAD_URL',
      fix: 'Use https:',
    },
    {
      title: 'an address that is none',
      env: { IP_ALLOW_LIST: 'home' },
      name: 'IP_ALLOW_LIST',
      fix: '10.0.0.0/8',
    },
    { title: 'eleven proxies', env: { TRUSTED_PROXIES: '11' }, name: 'TRUSTED_PROXIES', fix: 'from 0 to 10' },
    {
      title: 'a weak secret to sign with',
      env: { AUTH: 'hmac', HMAC_SECRET: 'changeme' },
      name: 'HMAC_SECRET',
      fix: 'longer',
    },
    { title: 'no secret', env: { JWT_SECRET: undefined }, name: 'JWT_SECRET', fix: 'JWT_SECRET=' },
    { title: 'a weak secret', env: { JWT_SECRET: 'changeme' }, name: 'JWT_SECRET', fix: 'randomBytes' },
    {
      title: 'a PEM text as secret',
      env: { JWT_SECRET: '-----BEGIN PUBLIC KEY-----\nMII' },
      name: 'JWT_SECRET',
      fix: 'publicKey',
    },
    { title: 'another AUTH', env: { AUTH: 'None' }, name: 'AUTH', fix: 'Leave it out' },
    { title: 'a port of letters', env: { PORT: 'http' }, name: 'PORT', fix: '0 to 65535' },
    { title: 'a port with a unit', env: { PORT: '1e3' }, name: 'PORT', fix: '0 to 65535' },
    { title: 'a negative port', env: { PORT: '-1' }, name: 'PORT', fix: '0 to 65535' },
    { title: 'a port too large', env: { PORT: '65536' }, name: 'PORT', fix: '0 to 65535' },
    {
      title: 'an origin without scheme',
      env: { ALLOWED_ORIGINS: 'https://a.test,app.test' },
      name: 'ALLOWED_ORIGINS',
      fix: 'Write scheme',
    },
    {
      title: 'a star as origin',
      env: { ALLOWED_ORIGINS: '*' },
      name: 'ALLOWED_ORIGINS',
      fix: 'Write scheme',
    },
    {
      title: 'an upstream in the clear',
      env: { DEEPGRAM_AGENT_URL: 'ws://a.test' },
      name: 'DEEPGRAM_AGENT_URL',
      fix: 'Use wss:',
    },
    {
      title: 'an upstream that is no URL',
      env: { DEEPGRAM_LISTEN_URL: 'a.test' },
      name: 'DEEPGRAM_LISTEN_URL',
      fix: 'Write it like wss:',
    },
    {
      title: 'a certificate without key',
      env: { TLS_CERT_FILE: 'x' },
      name: 'TLS_KEY_FILE',
      fix: 'Set both or none',
    },
    {
      title: 'a key without certificate',
      env: { TLS_KEY_FILE: 'x' },
      name: 'TLS_CERT_FILE',
      fix: 'Set both or none',
    },
    {
      title: 'files that do not exist',
      env: { TLS_CERT_FILE: '/no/a', TLS_KEY_FILE: '/no/b' },
      name: 'TLS_CERT_FILE',
      fix: '/no/a',
    },
    {
      title: 'production in the clear',
      env: { NODE_ENV: 'production' },
      name: 'TLS_CERT_FILE',
      fix: 'BEHIND_TLS_PROXY=true',
    },
    {
      title: 'production with another word',
      env: { NODE_ENV: 'production', BEHIND_TLS_PROXY: 'yes' },
      name: 'TLS_CERT_FILE',
      fix: 'BEHIND_TLS_PROXY=true',
    },
  ])('$title in one line that names the variable and the fix', ({ env, name, fix }) => {
    const error = errorOf(() => readServeConfig({ ...good, ...env }));
    expect(error.option).toBe(name);
    expect(error.message.startsWith(`${name}: `)).toBe(true);
    expect(error.message).toContain(fix);
    expect(error.message).not.toContain('\n');
    for (const hidden of [KEY, SECRET, 'changeme']) expect(error.message).not.toContain(hidden);
  });

  it('files that hold no certificate and key, without telling what they hold', () => {
    for (const wrong of [
      { TLS_CERT_FILE: file('rubbish.pem') },
      { TLS_KEY_FILE: file('rubbish.pem') },
      { TLS_KEY_FILE: file('cert.pem') },
    ]) {
      const error = errorOf(() => readServeConfig({ ...good, ...tls(), ...wrong }));
      expect(error.option).toBe('TLS_CERT_FILE');
      expect(error.message).toContain('TLS_KEY_FILE');
      expect(error.message).not.toContain('a-private-text');
    }
  });

  it('a private key that was pasted in place of its path, without repeating it', () => {
    const error = errorOf(() => readServeConfig({ ...good, ...tls(), TLS_KEY_FILE: TEST_CERTIFICATE.key }));
    expect(error.option).toBe('TLS_KEY_FILE');
    expect(error.message).toContain('path of that file');
    expect(error.message).not.toContain('MIGH');
  });
});

describe('readTokenClaims', () => {
  it('is what the server verifies with', () => {
    const claims = readTokenClaims({ JWT_SECRET: ` ${SECRET}\n`, JWT_AUDIENCE: 'app', JWT_ISSUER: '' });
    expect(claims).toEqual({ secret: SECRET, audience: 'app', issuer: undefined });
  });

  it.each([undefined, '', 'short'])('refuses %j by the variable’s name', (secret) => {
    expect(errorOf(() => readTokenClaims({ JWT_SECRET: secret })).option).toBe('JWT_SECRET');
  });
});

describe('loadSettings', () => {
  it('names a missing file, and says what is wrong with what cannot be read', () => {
    const missing = errorOf(() => loadSettings(file('missing.env')));
    expect(missing.option).toBe(file('missing.env'));
    expect(missing.message).toContain('is not there');
    const unreadable = errorOf(() => loadSettings(folder));
    expect(unreadable.option).toBe(folder);
    expect(unreadable.message).toContain('cannot be read');
    expect(unreadable.message).toContain('NAME=value');
  });

  it('reads .env of the working folder, which may be missing', (test) => {
    const home = vi.spyOn(process, 'loadEnvFile');
    test.onTestFinished(() => home.mockRestore());
    home.mockImplementationOnce(() => {
      throw Object.assign(new Error('gone'), { code: 'ENOENT' });
    });
    expect(() => loadSettings()).not.toThrow();
    expect(home).toHaveBeenCalledWith('.env');
    home.mockImplementationOnce(() => {
      throw Object.assign(new Error('no'), { code: 'EACCES' });
    });
    expect(errorOf(() => loadSettings()).message).toMatch(/^\.env: cannot be read/);
  });

  it('does not overrule what is set already', () => {
    writeFileSync(file('some.env'), 'PATH=/nowhere\nVOXPROXY_TEST_ONLY=from-file\n');
    const path = process.env['PATH'];
    loadSettings(file('some.env'));
    expect(process.env['PATH']).toBe(path);
    expect(process.env['VOXPROXY_TEST_ONLY']).toBe('from-file');
    delete process.env['VOXPROXY_TEST_ONLY'];
  });
});
