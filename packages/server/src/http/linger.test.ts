import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect, test, type TestContext } from 'vitest';
import { createTestClock, type TestClock } from '../../test/support/test-clock.ts';
import { letFinish } from './linger.ts';

/** A request that is answered at once, and what its client sends behind the head. */
async function answered(context: TestContext) {
  const clock: TestClock = createTestClock();
  const server = createServer((request, response) => {
    letFinish(request, clock);
    response.end();
  }).listen(0, '127.0.0.1');
  context.onTestFinished(() => void server.closeAllConnections());
  context.onTestFinished(() => void server.close());
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined).resume();
  context.onTestFinished(() => void client.destroy());
  client.write('POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n');
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  const send = async (): Promise<void> => {
    const read = once(request, 'data');
    client.write('x');
    await read;
  };
  return { clock, request, client, send };
}

test('ends a client that sends nothing for too long', async (context) => {
  const { clock, request, send } = await answered(context);
  clock.advance(4_999);
  await send();
  clock.advance(4_999);
  expect(request.socket.destroyed).toBe(false);
  clock.advance(1);
  expect(request.socket.destroyed).toBe(true);
});

test('ends a client that sends a little for ever', async (context) => {
  const { clock, request, send } = await answered(context);
  for (let tick = 0; tick < 7; tick += 1) {
    clock.advance(4_000);
    await send();
  }
  expect(request.socket.destroyed).toBe(false);
  clock.advance(2_000);
  expect(request.socket.destroyed).toBe(true);
});

test('leaves no timer behind when the body has come, or the client has left', async (context) => {
  const [whole, left] = [await answered(context), await answered(context)];
  // A client that leaves with our answer unread may end by an error.
  const closed = new Promise<unknown>((resolve) => left.request.socket.once('close', resolve));
  const gone = Promise.all([once(whole.request, 'end'), closed]);
  whole.client.write('x'.repeat(100));
  left.client.destroy();
  await gone;
  expect([whole.clock.pending(), left.clock.pending()]).toEqual([0, 0]);
});
