import { expect, test } from 'vitest';
import { MAX_FIRST_MESSAGE_BYTES, MAX_TOKEN_LENGTH, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import { eventually } from '../support/eventually.ts';
import { ASKING, DEFERRED, firstText, STRIPPED } from '../support/deferred-route.ts';
import type { RawClient } from '../support/raw-client.ts';
import { GOODBYE } from '../support/session-case.ts';
import type { WireOutcome } from '../support/wire-outcome.ts';

const TIMEOUT_MS = 5_000;

/** A client that is answered, and waited for. */
async function waiting(bench: AbuseBench): Promise<RawClient> {
  const client = await bench.upgrade(ASKING);
  await client.response();
  return client;
}

const text = (payload: string | Buffer): Buffer => encodeFrame({ opcode: OPCODES.text, payload, mask: true });

interface Row {
  readonly title: string;
  readonly send: (client: RawClient, bench: AbuseBench) => void;
  readonly told: Extract<WireOutcome, { told: unknown }>['told'];
}

const refused: Row[] = [
  { title: 'audio before its token', send: (client) => client.send(Buffer.alloc(100)), told: 'AuthRequired' },
  { title: 'text that is no JSON', send: (client) => client.send('hello'), told: 'BadRequest' },
  { title: 'a list', send: (client) => client.send('["api_key"]'), told: 'BadRequest' },
  { title: 'an empty text', send: (client) => client.send(''), told: 'BadRequest' },
  {
    title: 'JSON that nests without end',
    send: (client) => client.send('['.repeat(MAX_FIRST_MESSAGE_BYTES)),
    told: 'BadRequest',
  },
  {
    title: 'JSON that nests too deep to be written again',
    send: (client) => client.send(`{"api_key":"t","a":${'['.repeat(8_000)}${']'.repeat(8_000)}}`),
    told: 'BadRequest',
  },
  { title: 'no field', send: (client) => client.send('{"type":"Settings"}'), told: 'AuthRequired' },
  {
    title: 'an empty field',
    send: (client, bench) => client.send(firstText(bench, '')),
    told: 'AuthRequired',
  },
  { title: 'a number', send: (client, bench) => client.send(firstText(bench, 12)), told: 'BadRequest' },
  { title: 'nothing', send: (client, bench) => client.send(firstText(bench, null)), told: 'BadRequest' },
  { title: 'an object', send: (client, bench) => client.send(firstText(bench, {})), told: 'BadRequest' },
  {
    title: 'a token that is too long',
    send: (client, bench) => client.send(firstText(bench, 'x'.repeat(MAX_TOKEN_LENGTH + 1))),
    told: 'AuthInvalid',
  },
  {
    title: 'a forged token',
    send: (client, bench) => client.send(firstText(bench, 'a.b.c')),
    told: 'AuthInvalid',
  },
  {
    title: 'a token that has expired',
    send: (client, bench) => client.send(firstText(bench, bench.token({ claims: { exp: 1 } }))),
    told: 'AuthExpired',
  },
  {
    title: 'a message that is too long',
    send: (client) => client.send(' '.repeat(MAX_FIRST_MESSAGE_BYTES + 1)),
    told: 'TooLarge',
  },
  {
    title: 'fragments that are too long together',
    send(client) {
      for (let at = 0; at < 17; at += 1)
        client.sendFrame({ opcode: at === 0 ? OPCODES.text : 0, payload: ' '.repeat(1_000), fin: false });
    },
    told: 'TooLarge',
  },
  {
    title: 'pings without end',
    send: (client) => client.sendBytes(Buffer.concat(Array.from({ length: 6_000 }, ping))),
    told: 'TooLarge',
  },
  {
    title: 'no WebSocket frames',
    send: (client) => client.sendBytes('GET / HTTP/1.1\r\n\r\n'),
    told: 'ProtocolError',
  },
  {
    title: 'text that is not UTF-8',
    send: (client) => client.sendBytes(text(Buffer.from([0xff]))),
    told: 'BadPayload',
  },
  {
    title: 'a frame that is not masked',
    send: (client, bench) =>
      client.sendFrame({ opcode: OPCODES.text, payload: firstText(bench), mask: false }),
    told: 'ProtocolError',
  },
];

/** What came before has been read then. */
const untilPongs = (client: RawClient, count: number): Promise<void> =>
  eventually(
    () => client.wireFrames.filter(({ opcode }) => opcode === OPCODES.pong).length >= count,
    () => `${count} pongs`,
  );

const ping = (): Buffer => encodeFrame({ opcode: OPCODES.ping, mask: true });

test.for(refused)(
  'refuses a client that sends $title, and dials nothing',
  async ({ send, told }, context) => {
    await runAbuseCase(context, {
      ...DEFERRED,
      async attack(bench) {
        const client = await waiting(bench);
        send(client, bench);
        return client;
      },
      wire: { told },
    });
  },
);

test('refuses a client that is silent, by a deadline that began with its upgrade', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    async attack(bench) {
      const client = await waiting(bench);
      bench.clock.advance(TIMEOUT_MS - 1);
      expect(client.hasCloseFrame).toBe(false);
      bench.clock.advance(1);
      return client;
    },
    wire: { told: 'AuthRequired' },
  });
});

test('refuses a client that trickles its message, a byte a second', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    async attack(bench) {
      const client = await waiting(bench);
      for (let second = 1; second <= TIMEOUT_MS / 1_000; second += 1) {
        client.sendFrame({ opcode: second === 1 ? OPCODES.text : 0, payload: '{', fin: false });
        client.sendBytes(ping());
        await untilPongs(client, second);
        expect(client.hasCloseFrame).toBe(false);
        bench.clock.advance(1_000);
      }
      return client;
    },
    wire: { told: 'AuthRequired' },
  });
});

test('refuses a client that never ends its message', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    async attack(bench) {
      const client = await waiting(bench);
      client.sendFrame({ opcode: OPCODES.text, payload: firstText(bench), fin: false });
      client.sendBytes(ping());
      await untilPongs(client, 1);
      bench.clock.advance(TIMEOUT_MS);
      return client;
    },
    wire: { told: 'AuthRequired' },
  });
});

test('takes a token in fragments with a ping between them, and passes the message as one', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    async attack(bench) {
      const client = await waiting(bench);
      const message = firstText(bench);
      client.sendFrame({ opcode: OPCODES.text, payload: message.slice(0, 30), fin: false });
      client.sendBytes(ping());
      client.sendFrame({ opcode: 0, payload: message.slice(30) });
      const session = await bench.mock.waitForSession();
      expect((await session.waitForFrame(() => true)).payload.toString()).toBe(STRIPPED);
      client.close(NORMAL_CLOSURE);
      return client;
    },
    wire: GOODBYE,
    dials: 1,
  });
});
