import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { once } from 'node:events';
import { expect, test, type TestContext } from 'vitest';
import { createVoiceProxy, deepgram, jwt, type VoiceProxy } from '../../src/index.ts';
import type { MockUpstream } from '../../src/testing/mock-upstream.ts';
import { eventually } from '../support/eventually.ts';
import { JWT_SECRET, makeToken } from '../support/make-token.ts';
import { rawUpgrade } from '../support/raw-client.ts';
import { MOCK_SECRET, startMock } from '../support/start-mock.ts';

const TARGET = (): string => `/proxy?token=${makeToken()}`;

async function start(context: TestContext): Promise<{ mock: MockUpstream; proxy: VoiceProxy }> {
  const mock = await startMock(context, { scenario: 'echo' });
  const proxy = createVoiceProxy({
    auth: jwt({ secret: JWT_SECRET, algorithms: ['HS256'] }),
    routes: {
      '/proxy': deepgram({ apiKey: MOCK_SECRET, agentUrl: mock.agentUrl, listenUrl: mock.listenUrl }),
    },
    logger: false,
  });
  context.onTestFinished(() => proxy.close());
  return { mock, proxy };
}

/** Says at once that it has written, as a stream may, but keeps what it was given until there are ten pieces. */
function lazyStream(socket: Socket): Duplex {
  const kept: Buffer[] = [];
  let isAnswered = false;
  const stream = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      kept.push(chunk);
      done();
      if (isAnswered && kept.length < 10) return;
      isAnswered = true;
      for (const late of kept.splice(0)) socket.write(late);
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk: Buffer) => stream.push(chunk));
  socket.on('error', () => undefined).on('close', () => stream.destroy());
  return stream;
}

test('bytes are not written over behind a stream that keeps them', async (context) => {
  const { mock, proxy } = await start(context);
  const server = createServer();
  proxy.attach(server);
  const front = createTcpServer((socket) => server.emit('connection', lazyStream(socket)));
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  context.onTestFinished(() => void front.close());
  const client = await rawUpgrade(context, { port: (front.address() as AddressInfo).port, target: TARGET() });
  await client.response();
  const session = await mock.waitForSession();
  const frames = 50;
  for (let frame = 0; frame < frames; frame += 1) {
    session.send(Buffer.alloc(40, frame));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually(
    () => client.messages.length >= frames - 10,
    () => `${frames} messages but the last few; ${client.messages.length} came`,
  );
  expect(client.messages.every(({ payload }, at) => payload[0] === at)).toBe(true);
});
