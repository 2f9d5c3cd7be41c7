import { expect, test } from 'vitest';
import { makeToken } from '../support/make-token.ts';
import { startMock } from '../support/start-mock.ts';
import { openWs } from '../support/ws-client.ts';
import { NEEDED, useCli } from './cli-process.ts';

const runCli = useCli();

/** As a page of the old component sends it, which brings the language model's key along. */
const SETTINGS = JSON.stringify({
  type: 'Settings',
  audio: { input: { encoding: 'linear16', sample_rate: 16_000 } },
  agent: {
    listen: { provider: { type: 'deepgram', model: 'nova-3' } },
    think: {
      provider: { type: 'open_ai', model: 'gpt-4o-mini' },
      endpoint: {
        url: 'https://llm.example.com/v1/chat/completions',
        headers: { authorization: 'Bearer page' },
      },
    },
    speak: { provider: { type: 'deepgram', model: 'aura-2-thalia-en' } },
  },
});

test.for([
  ['with COMPAT=seed', { COMPAT: 'seed' }, 'SettingsApplied'],
  ['without it not, and names the place', {}, 'Error'],
] as const)(
  'lets a page of the old component name the endpoint of its model %s',
  async ([, more, expected], context) => {
    const mock = await startMock(context, { scenario: 'happyTurn' });
    const cli = await runCli(context, { env: { ...NEEDED, ...more, DEEPGRAM_AGENT_URL: mock.agentUrl } });
    const url = `${(await cli.listening()).replace(/^http/, 'ws')}/deepgram-proxy?token=${makeToken()}`;
    const client = await openWs(context, url);
    client.send(SETTINGS);
    const answer = await client.waitForFrame(({ payload }) => payload.includes(`"type":"${expected}"`));
    if (expected === 'Error') expect(answer.payload.toString()).toContain('agent.think.endpoint');
    else expect(cli.stderr).toContain('COMPAT=seed, client-think-endpoint: A page may choose');
  },
);
