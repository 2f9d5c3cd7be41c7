import { expect, test } from 'vitest';
import type { MockFrame } from '../../src/testing/message-reader.ts';
import { ROUTE, startBench } from '../support/abuse-bench.ts';
import { eventually } from '../support/eventually.ts';
import { runSessionCase } from '../support/session-case.ts';

/** What the component of either version asks for and sends, as it was seen on the wire. */
const SETTINGS =
  '{"type":"Settings","audio":{"input":{"encoding":"linear16","sample_rate":16000}},"agent":{}}';
const INJECT = '{"type":"InjectUserMessage","content":"Hello"}';
const KEEP_ALIVE = '{"type":"KeepAlive"}';
const LISTEN =
  'model=nova-2&language=en-US&smart_format=true&interim_results=true&vad_events=true&utterance_end_ms=1000' +
  '&sample_rate=16000&encoding=linear16&channels=1';
const DEFAULTS =
  'model=nova-3&encoding=linear16&sample_rate=16000&channels=1&interim_results=true&smart_format=true';

const textsOf = (frames: readonly MockFrame[]): string[] => frames.map(({ payload }) => payload.toString());

test.for([
  ['the transcription socket of v0.7.0, which names no service', LISTEN, `/v1/listen?${LISTEN}`],
  ['the transcription socket of v0.11.1', `${LISTEN}&service=transcription`, `/v1/listen?${LISTEN}`],
  [
    'nova-3, for which v0.11.1 sends nothing but the service',
    'service=transcription',
    `/v1/listen?${DEFAULTS}`,
  ],
  ['the agent socket of v0.7.0', '', '/v1/agent/converse'],
  ['the agent socket of v0.11.1', 'service=agent', '/v1/agent/converse'],
  ['a service that nobody knows', 'service=openai', '/v1/agent/converse'],
] as const)('dials what is meant by %s', async ([, query, dialled], context) => {
  await runSessionCase(context, {
    // The token comes first, as the component appends it to the address before anything else.
    asks: (bench) => ({ target: bench.target([`token=${bench.token()}`, query].filter(Boolean).join('&')) }),
    also: ({ mock }) => expect(mock.requests[0]?.line).toBe(`GET ${dialled} HTTP/1.1`),
  });
});

test('takes settings that come at once, and a message of the user before they are applied, in order', async (context) => {
  await runSessionCase(context, {
    upstream: async (session) => {
      session.send('{"type":"Welcome"}');
      await session.waitForFrame(({ payload }) => payload.includes('InjectUserMessage'));
      session.send('{"type":"SettingsApplied"}');
    },
    async attack({ client, session }) {
      client.send(SETTINGS);
      client.send(INJECT);
      await client.waitForMessage(({ payload }) => payload.includes('SettingsApplied'));
      expect(textsOf(client.messages)).toEqual(['{"type":"Welcome"}', '{"type":"SettingsApplied"}']);
      expect(textsOf(session.frames)).toEqual([SETTINGS, INJECT]);
    },
  });
});

test('finds a token that was put into the address as it is', async (context) => {
  const raw = 'a+b/c==~d';
  const seen: unknown[] = [];
  const bench = await startBench(context, {
    proxy: {
      auth: {
        title: 'a spy',
        async authenticate(token) {
          seen.push(token);
          return { principal: { id: 'alice' } };
        },
      },
    },
  });
  const { client } = await bench.open({ target: `${ROUTE}?token=${raw}&service=agent` });
  expect(seen).toEqual([raw]);
  expect(JSON.stringify(bench.mock.requests)).not.toContain(raw);
  client.reset();
});

test('leaves JSON in a binary message binary, both ways', async (context) => {
  const json = Buffer.from('{"type":"ConversationText","role":"user","content":"Hi"}');
  await runSessionCase(context, {
    async attack({ client, session }) {
      client.send(SETTINGS);
      client.send(json);
      await client.waitForMessage(({ payload }) => payload.equals(json));
      expect(session.frames.map(({ kind }) => kind)).toEqual(['text', 'binary']);
      expect(client.messages.map(({ kind }) => kind)).toEqual(['text', 'binary']);
    },
  });
});

test('keeps the agent open while the component, which waits for an answer, sends nothing', async (context) => {
  await runSessionCase(context, {
    upstream: 'happyTurn',
    async attack({ client, session, bench }) {
      client.send(SETTINGS);
      await client.waitForMessage(({ payload }) => payload.includes('SettingsApplied'));
      bench.clock.advance(8_000);
      await session.waitForFrame(({ payload }) => payload.includes('KeepAlive'));
      expect(textsOf(session.frames)).toEqual([SETTINGS, KEEP_ALIVE]);
    },
  });
});

test('puts no keepalive into the middle of a message', async (context) => {
  await runSessionCase(context, {
    async attack({ client, session, bench }) {
      client.send(SETTINGS);
      await client.waitForMessage();
      client.sendFrame({ opcode: 1, fin: false, payload: 'half ' });
      await eventually(
        () => session.wireFrames.some(({ fin }) => !fin),
        () => 'the first half',
      );
      bench.clock.advance(60_000);
      client.sendFrame({ opcode: 0, fin: true, payload: 'and half' });
      await client.waitForMessage(({ payload }) => payload.includes('and half'));
      expect(textsOf(session.frames)).toEqual([SETTINGS, 'half and half']);
    },
  });
});

test('ends a transcription whose page has vanished, before the connection', async (context) => {
  await runSessionCase(context, {
    asks: (bench) => ({ target: bench.target(`token=${bench.token()}&service=transcription`) }),
    async attack({ client, session }) {
      client.send(Buffer.alloc(320));
      await session.waitForFrame(({ kind }) => kind === 'binary');
      client.reset();
      await session.waitForFrame(({ kind }) => kind === 'text');
      expect(session.frames.map(({ kind }) => kind)).toEqual(['binary', 'text']);
      expect(textsOf(session.frames)[1]).toBe('{"type":"CloseStream"}');
    },
    wire: 'nothing',
  });
});
