/** The two ends of the rig against each other, without a contender between: what they send is what they expect. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { servePeer } from '../upstream/peer.mjs';
import { smallFrame } from '../wire/frame-template.mjs';
import { noFaults } from '../wire/stamp-checker.mjs';
import { drain, loadGroups } from './exchange.mjs';
import { Group } from './group.mjs';
import { exchangeRounds } from './rounds.mjs';
import { visitGroups } from './visits.mjs';

const HELLO = '\u0001{"type":"hello","version":1,"id":"id","received":0,"ack_ms":500,"ack_bytes":4000}';

/** A group of clients and the tally of their upstream; `onSocket` may stand between. */
async function createEnds(wish: object, onSocket: (socket: Socket) => void = () => undefined) {
  const tally = { faults: noFaults(), taken: 0, floodBytes: 0 };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    onSocket(socket);
    servePeer(socket, () => tally);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const group = new Group({ id: 1, port, wish: { up: 160, down: 320, ...wish } });
  onTestFinished(() => {
    group.close();
    server.close();
  });
  return { group, tally };
}

/** Says hello right behind the handshake, as a server in session mode does. */
function sayHello(socket: Socket) {
  const write = socket.write.bind(socket);
  socket.write = ((chunk: string) => {
    socket.write = write;
    return write(chunk) && write(smallFrame(0x81, HELLO));
  }) as Socket['write'];
}

const how = { pids: [[]], upstreamPid: process.pid, windowMs: 30, warmMs: 10 };

test.each([{}, { up: 65_536, down: 1_048_576 }, { firstText: '{"type":"Settings"}' }])(
  'sessions %j exchange messages without a fault',
  async (wish) => {
    const { group, tally } = await createEnds(wish);
    expect(await group.open(3)).toEqual({ open: 3, refusal: undefined });
    expect(await exchangeRounds(group, { rounds: 4, limitMs: 2_000 })).toBe(12);
    expect(tally).toEqual({ faults: noFaults(), taken: 12, floodBytes: 0 });
    expect(group.faults).toEqual(noFaults());
  },
);

test.each([{}, { perSecond: 500, isTimed: true }])(
  'load %j counts each answered message twice',
  async (more) => {
    const { group, tally } = await createEnds({});
    await group.open(2);
    const result = await loadGroups([group], { ...how, ...more });
    expect(result.groups[0].frames).toBeGreaterThan(0);
    expect(result.groups[0].frames % 2).toBe(0);
    expect(group.faults).toEqual(noFaults());
    expect(tally.taken).toBe(group.taken);
  },
);

test('visits leave with a closing handshake', async () => {
  const { group } = await createEnds({});
  const result = await visitGroups([group], { ...how, atOnce: 2 });
  expect(result.groups[0].sessions).toBeGreaterThan(0);
  expect(group.faults).toEqual(noFaults());
});

test('a session in session mode is open with the hello, and acknowledges what it took', async () => {
  const { group, tally } = await createEnds({ isSession: true, down: 1_000 }, sayHello);
  expect(await group.open(1)).toEqual({ open: 1, refusal: undefined });
  await exchangeRounds(group, { rounds: 4, limitMs: 2_000 });
  // The upstream knows no control frames: acknowledgements are texts that it cannot place.
  await expect.poll(() => tally.faults.foreign).toBe(4);
});

test('what does not come back in time is lost', async () => {
  const { group } = await createEnds({ flood: 640 });
  await group.open(1);
  group.sessions[0]?.send(0);
  group.sessions[0]?.send(0);
  group.sessions[0]?.send(0);
  await drain([group], 100);
  expect(group.faults.lost).toBe(1);
});
