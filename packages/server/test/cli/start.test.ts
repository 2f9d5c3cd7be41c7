import { expect, test } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { makeToken, JWT_SECRET } from '../support/make-token.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import { MOCK_SECRET, startMock } from '../support/start-mock.ts';
import { TEST_CERTIFICATE } from '../support/test-certificate.ts';
import { openWs } from '../support/ws-client.ts';
import { NEEDED, useCli, type CliProcess } from './cli-process.ts';

const runCli = useCli();

const socketUrl = (url: string, token: string): string =>
  `${url.replace(/^http/, 'ws')}/deepgram-proxy?token=${token}`;

function expectClean(cli: CliProcess, ...tokens: string[]): void {
  for (const secret of [MOCK_SECRET, JWT_SECRET, ...tokens]) expectNoSecret(secret, cli.printed, 'output');
}

test('serves from the environment, and logs the start and the end of a session', async (context) => {
  const mock = await startMock(context, { scenario: 'echo' });
  const cli = await runCli(context, { env: { ...NEEDED, DEEPGRAM_AGENT_URL: mock.agentUrl } });
  const token = makeToken();
  const client = await openWs(context, socketUrl(await cli.listening(), token));
  client.send('{"type":"KeepAlive"}');
  expect((await client.waitForFrame()).payload.toString()).toBe('{"type":"KeepAlive"}');
  await client.close(NORMAL_CLOSURE);
  cli.signal('SIGTERM');
  expect(await cli.exit()).toBe(0);
  const lines = cli.stdout.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'session started',
    'session ended',
  ]);
  expectClean(cli, token);
});

test('says what it serves, who may use it, and what is not set', async (context) => {
  const cli = await runCli(context, { env: NEEDED });
  const url = await cli.listening();
  await cli.waitFor(/ALLOWED_ORIGINS: not set, so only pages of the same host may connect/);
  expect(cli.stderr).toMatch(/^voxproxy \d+\.\d+\.\d+ is listening on http:\/\/127\.0\.0\.1:\d+\n/);
  expect(cli.stderr).toContain(`Deepgram    ${url.replace('http', 'ws')}/deepgram-proxy?token=...`);
  expect(cli.stderr).toContain('jwt (HS256)');
  expect(cli.stderr).toContain(`${url}/health, ${url}/ready`);
  expect(cli.stderr).toContain('HOST: only this machine can connect');
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  expect(cli.stdout).toBe('');
  expectClean(cli);
});

test('says what it serves of Azure and a recogniser, and never where that is', async (context) => {
  const env = {
    ...{ JWT_SECRET, PORT: '0', ASR_SOCKET_URL: 'wss://hidden.example/transcribe' },
    ...{ AZURE_VOICE_LIVE_API_KEY: MOCK_SECRET, AZURE_VOICE_LIVE_RESOURCE: 'hidden-resource' },
  };
  const cli = await runCli(context, { env });
  const socket = (await cli.listening()).replace('http', 'ws');
  await cli.waitFor(/ALLOWED_ORIGINS: not set/);
  expect(cli.stderr).toContain(`  Azure Voice Live  ${socket}/ws?token=...\n`);
  expect(cli.stderr).toMatch(/ {2}Speech recogniser .* {2}ws:.*\/ws\/asr\?token=\.\.\.\n/);
  expect(cli.printed).not.toContain('hidden');
  expectClean(cli);
});

test('serves from .env, and lets the environment win', async (context) => {
  const mock = await startMock(context, { scenario: 'echo' });
  const env = `
# a comment
DEEPGRAM_API_KEY=a-key-that-the-environment-replaces
JWT_SECRET="${JWT_SECRET}"
HOST=
PORT=0
ALLOWED_ORIGINS=https://app.example.com, http://localhost:5173
DEEPGRAM_AGENT_URL=${mock.agentUrl}
`;
  const cli = await runCli(context, { env: { DEEPGRAM_API_KEY: MOCK_SECRET }, files: { '.env': env } });
  const url = socketUrl(await cli.listening(), makeToken());
  await openWs(context, url, { origin: 'http://localhost:5173' });
  await expect(openWs(context, url, { origin: 'http://localhost:3000' })).rejects.toMatchObject({
    status: 403,
  });
  expect(mock.dials).toBe(1);
  expect(cli.stderr).not.toContain('ALLOWED_ORIGINS');
});

test('serves from another file when told', async (context) => {
  const text = Object.entries(NEEDED).map(([name, value]) => `${name}='${value}'`);
  const files = { '.env': 'PORT=nonsense', 'other.env': text.join('\n').replaceAll("#$&'", '#$&') };
  const cli = await runCli(context, { words: ['--settings', 'other.env'], files });
  expect((await fetch(`${await cli.listening()}/health`)).status).toBe(200);
});

test('speaks https and wss with the given certificate, also in production', async (context) => {
  const { cert, key } = TEST_CERTIFICATE;
  const mock = await startMock(context, { scenario: 'echo', tls: TEST_CERTIFICATE });
  const cli = await runCli(context, {
    env: {
      ...NEEDED,
      NODE_ENV: 'production',
      TLS_CERT_FILE: 'cert.pem',
      TLS_KEY_FILE: 'key.pem',
      DEEPGRAM_AGENT_URL: mock.agentUrl,
      NODE_EXTRA_CA_CERTS: 'cert.pem',
    },
    files: { 'cert.pem': cert, 'key.pem': key },
  });
  const url = await cli.listening();
  expect(url).toMatch(/^https:/);
  const client = await openWs(context, socketUrl(url, makeToken()), { ca: cert });
  client.send('{"type":"Finalize"}');
  await client.waitForFrame();
  mock.expectNoViolations();
});

test('starts in production behind a proxy that ends TLS', async (context) => {
  const cli = await runCli(context, { env: { ...NEEDED, NODE_ENV: 'production', BEHIND_TLS_PROXY: 'true' } });
  await cli.listening();
});

test('lets everybody in when that is written out, and says so', async (context) => {
  const mock = await startMock(context, { scenario: 'echo' });
  const { JWT_SECRET: _, ...env } = NEEDED;
  const cli = await runCli(context, { env: { ...env, AUTH: 'none', DEEPGRAM_AGENT_URL: mock.agentUrl } });
  await openWs(context, socketUrl(await cli.listening(), ''));
  expect(cli.stderr).toContain('everybody who reaches this server uses your account');
});
