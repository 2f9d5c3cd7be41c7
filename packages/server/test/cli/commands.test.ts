import { expect, test } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { JWT_SECRET, makeToken } from '../support/make-token.ts';
import { startMock } from '../support/start-mock.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { openWs, type WsClient } from '../support/ws-client.ts';
import { type CliProcess, type Environment, NEEDED, useCli } from './cli-process.ts';

const runCli = useCli();

test.for([
  [['--nonsense'], /Unknown option '--nonsense'/],
  [['deploy'], /unknown command deploy/],
  [['token'], /--sub/],
] as const)('explains what is wrong with the words %j', async ([words, why], context) => {
  const cli = await runCli(context, { words });
  expect(await cli.exit()).toBe(2);
  expect(cli.stdout).toBe('');
  expect(cli.stderr).toMatch(/^voxproxy: [^\n]+ Try voxproxy --help\.\n$/);
  expect(cli.stderr).toMatch(why);
});

test.for([
  ['--help', /^voxproxy: keeps provider keys[^]*DEEPGRAM_API_KEY/],
  ['--version', /^\d+\.\d+\.\d+\n$/],
] as const)('answers %s without any setting', async ([word, answer], context) => {
  const cli = await runCli(context, { words: [word] });
  expect(await cli.exit()).toBe(0);
  expect(cli.stdout).toMatch(answer);
  expect(cli.stderr).toBe('');
});

test('prints a token that opens a session', async (context) => {
  const { mock, url, token } = await serveAndMakeToken(context);
  const client = await openWs(context, `${url}?token=${token}`);
  client.send('x');
  await client.waitForFrame();
  expect(mock.dials).toBe(1);
});

test('prints a token with the issuer and the audience that its own server asks for', async (context) => {
  const claims = { JWT_ISSUER: 'https://issuer.example', JWT_AUDIENCE: 'voice' };
  const { mock, url, token } = await serveAndMakeToken(context, claims);
  const client = await openWs(context, `${url}?token=${token}`);
  client.send('x');
  await client.waitForFrame();
  expect(mock.dials).toBe(1);
  // Without the two claims the same server says no, so they are what opens it.
  const refused = await openWs(context, `${url}?token=${makeToken()}`);
  expect((await refused.waitForClose()).reason).toBe(CLOSE_ROWS.AuthInvalid.word);
});

async function serveAndMakeToken(context: TestCleanup, claims: Environment = {}) {
  const mock = await startMock(context, { scenario: 'echo' });
  const [server, maker] = await Promise.all([
    runCli(context, { env: { ...NEEDED, ...claims, DEEPGRAM_AGENT_URL: mock.agentUrl } }),
    runCli(context, {
      words: ['token', '--sub', 'alice', '--expires-in', '30s'],
      env: { JWT_SECRET, ...claims },
    }),
  ]);
  expect(await maker.exit()).toBe(0);
  expect(maker.stderr).toBe('');
  const url = `${(await server.listening()).replace(/^http/, 'ws')}/deepgram-proxy`;
  return { mock, url, token: maker.stdout.trim() };
}

test.for([
  ['no secret', {}, /^voxproxy: JWT_SECRET is not set[^\n]*\n$/],
  ['a weak secret', { JWT_SECRET: 'short-secret' }, /^voxproxy: JWT_SECRET has 12 bytes[^\n]*\n$/],
] as const)('makes no token with %s', async ([, env, line], context) => {
  const cli = await runCli(context, { words: ['token', '--sub', 'alice'], env });
  expect(await cli.exit()).toBe(1);
  expect(cli.stdout).toBe('');
  expect(cli.stderr).toMatch(line);
});

interface Running {
  readonly cli: CliProcess;
  readonly url: string;
  readonly client: WsClient;
}

/** A server with one session that has passed a frame. */
async function runWithSession(context: TestCleanup): Promise<Running> {
  const mock = await startMock(context, { scenario: 'echo' });
  const cli = await runCli(context, { env: { ...NEEDED, DEEPGRAM_AGENT_URL: mock.agentUrl } });
  const url = await cli.listening();
  const client = await openWs(context, `${url.replace(/^http/, 'ws')}/deepgram-proxy?token=${makeToken()}`);
  client.send('x');
  await client.waitForFrame();
  return { cli, url, client };
}

test.for(['SIGTERM', 'SIGINT'] as const)(
  'drains on %s and exits 0 when the session is over',
  async (signal, context) => {
    const { cli, url, client } = await runWithSession(context);
    cli.signal(signal);
    await cli.waitFor(/draining 1 session/);
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    const late = await openWs(context, `${url.replace(/^http/, 'ws')}/deepgram-proxy?token=${makeToken()}`);
    expect(await late.waitForClose()).toEqual({
      code: CLOSE_ROWS.Draining.code,
      reason: CLOSE_ROWS.Draining.word,
    });
    client.send('still here');
    await client.waitForFrames(2);
    expect(await client.close(NORMAL_CLOSURE)).toMatchObject({ code: NORMAL_CLOSURE });
    expect(await cli.exit()).toBe(0);
  },
);

test('ends at once on a second signal, and tells the client', async (context) => {
  const { cli, client } = await runWithSession(context);
  cli.signal('SIGTERM');
  await cli.waitFor(/draining 1 sessions; once more closes them now\n/);
  cli.signal('SIGTERM');
  expect(await client.waitForClose()).toEqual({
    code: CLOSE_ROWS.Draining.code,
    reason: CLOSE_ROWS.Draining.word,
  });
  expect(await cli.exit()).toBe(0);
  expect(cli.stdout.trim().split('\n').at(-1)).toContain(`"cause":"${CLOSE_ROWS.Draining.word}"`);
});
