import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { JWT_SECRET } from '../support/make-token.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import { TEST_CERTIFICATE } from '../support/test-certificate.ts';
import { type CliProcess, type Environment, NEEDED, useCli } from './cli-process.ts';

const runCli = useCli();

/** Exactly one line, which begins with the variable and holds the fix; nothing secret; exit code 1. */
async function expectRefusal(cli: CliProcess, variable: string, fix: RegExp): Promise<void> {
  expect(await cli.exit()).toBe(1);
  expect(cli.stdout).toBe('');
  expect(cli.stderr).toMatch(new RegExp(`^voxproxy: ${variable} [^\n]+\n$`));
  expect(cli.stderr).toMatch(fix);
  for (const secret of [MOCK_SECRET, JWT_SECRET, 'half-of-a-key', 'another half'])
    expectNoSecret(secret, cli.stderr);
}

interface Wrong {
  readonly title: string;
  readonly env: Environment;
  readonly variable: string;
  readonly fix: RegExp;
}

const wrong = (title: string, env: Environment, variable: string, fix: RegExp): Wrong => ({
  title,
  env,
  variable,
  fix,
});

const without = (name: string): Environment => ({ ...NEEDED, [name]: '' });

const cases: Wrong[] = [
  wrong('no secret for tokens', without('JWT_SECRET'), 'JWT_SECRET', /is not set\. .*JWT_SECRET=\.\.\./),
  wrong(
    'a short one',
    { ...NEEDED, JWT_SECRET: 'half-of-a-key' },
    'JWT_SECRET',
    /has 13 bytes.*Make one with/,
  ),
  wrong('no key', without('DEEPGRAM_API_KEY'), 'DEEPGRAM_API_KEY', /is not set\. .*DEEPGRAM_API_KEY=\.\.\./),
  wrong(
    'a key with a space in it',
    { ...NEEDED, DEEPGRAM_API_KEY: 'half-of-a-key another half' },
    'DEEPGRAM_API_KEY',
    /Copy the key again/,
  ),
  wrong('a port that is none', { ...NEEDED, PORT: '70000' }, 'PORT', /from 0 to 65535/),
  wrong('a host of another machine', { ...NEEDED, HOST: '203.0.113.1' }, 'HOST', /Set HOST to/),
  wrong(
    'an origin with a path',
    { ...NEEDED, ALLOWED_ORIGINS: 'https://a.example/app' },
    'ALLOWED_ORIGINS',
    /scheme, host and port/,
  ),
  wrong('an unknown way to authenticate', { ...NEEDED, AUTH: 'basic' }, 'AUTH', /Leave it out for jwt/),
  wrong(
    'an upstream over http:',
    { ...NEEDED, DEEPGRAM_AGENT_URL: 'http://127.0.0.1/' },
    'DEEPGRAM_AGENT_URL',
    /wss:/,
  ),
  wrong(
    'an upstream that is not encrypted',
    { ...NEEDED, DEEPGRAM_LISTEN_URL: 'ws://a.example/' },
    'DEEPGRAM_LISTEN_URL',
    /Use wss:/,
  ),
  wrong(
    'a certificate without its key',
    { ...NEEDED, TLS_CERT_FILE: 'cert.pem' },
    'TLS_KEY_FILE',
    /Set both or none/,
  ),
  wrong(
    'a key without its certificate',
    { ...NEEDED, TLS_KEY_FILE: 'key.pem' },
    'TLS_CERT_FILE',
    /Set both or none/,
  ),
  wrong(
    'a certificate that is not there',
    { ...NEEDED, TLS_CERT_FILE: 'no.pem', TLS_KEY_FILE: 'key.pem' },
    'TLS_CERT_FILE',
    /no\.pem.*Check the path/,
  ),
  wrong(
    'a certificate that is none',
    { ...NEEDED, TLS_CERT_FILE: 'odd.pem', TLS_KEY_FILE: 'key.pem' },
    'TLS_CERT_FILE and TLS_KEY_FILE',
    /PEM form.*belong together/,
  ),
  wrong(
    'a key that is none',
    { ...NEEDED, TLS_CERT_FILE: 'cert.pem', TLS_KEY_FILE: 'odd.pem' },
    'TLS_CERT_FILE and TLS_KEY_FILE',
    /PEM form.*belong together/,
  ),
  wrong(
    'production without TLS',
    { ...NEEDED, NODE_ENV: 'production' },
    'TLS_CERT_FILE',
    /BEHIND_TLS_PROXY=true/,
  ),
];

const files = {
  'cert.pem': TEST_CERTIFICATE.cert,
  'key.pem': TEST_CERTIFICATE.key,
  'odd.pem': 'half-of-a-key',
};

/** Several processes start at once. */
const SLOW_START = { timeout: 20_000 };

test.concurrent.for(cases)(
  'refuses to start with $title',
  SLOW_START,
  async ({ env, variable, fix }, context) => {
    await expectRefusal(await runCli(context, { env, files }), variable, fix);
  },
);

test('refuses to start on a port that is in use', async (context) => {
  const other = createServer().listen(0, '127.0.0.1');
  context.onTestFinished(() => void other.close());
  await once(other, 'listening');
  const PORT = String((other.address() as AddressInfo).port);
  await expectRefusal(await runCli(context, { env: { ...NEEDED, PORT } }), 'PORT', /in use.*Set PORT/);
});

test('refuses a named settings file that is not there', async (context) => {
  const words = ['--settings', 'none.env'];
  const cli = await runCli(context, { words, env: NEEDED, files: { '.env': 'PORT=nonsense' } });
  await expectRefusal(cli, 'none\\.env', /is not there.*NAME=value/);
});

test('makes no token when the named settings file is not there', async (context) => {
  const words = ['token', '--sub', 'alice', '--settings', 'none.env'];
  await expectRefusal(await runCli(context, { words, env: NEEDED }), 'none\\.env', /is not there/);
});

test('refuses a settings file that it cannot read', async (context) => {
  const cli = await runCli(context, { env: NEEDED, files: { '.env/inside': 'a folder' } });
  await expectRefusal(cli, '\\.env', /cannot be read/);
});
