import { describe, expect, it } from 'vitest';
import { frame, KEY } from '../../test/support/frame-bytes.ts';
import { openLeg, otherTraffic, type LegRig, type Making, type Role } from '../../test/support/leg-rig.ts';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../contract/index.ts';

const makings = ['raw', 'ws'] as const;
const roles = ['client', 'upstream'] as const;
const legs = makings.flatMap((making) => roles.map((role) => ({ making, role })));
const MARKER = Buffer.from('marker');

/** The key that a leg's peer masks its frames with. */
const keyOf = (role: Role): Buffer | undefined => (role === 'client' ? KEY : undefined);
const closeOf = (role: Role, code: number, reason = ''): Buffer =>
  frame(0x88, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]), keyOf(role));

/** What a message is handed over as. */
const handed = (making: Making, role: Role, kind: 'text' | 'binary', payload: string): string =>
  making === 'ws' ? `${kind}:${payload}` : `${frame(kind === 'text' ? 0x81 : 0x82, payload, keyOf(role))}`;

async function goneOf(rig: LegRig): Promise<string[]> {
  await rig.hasTold('gone');
  return rig.told.filter((word) => /^(close|gone)/.test(word));
}

describe.each(legs)('a $making leg to the $role', ({ making, role }) => {
  const open = (test: TestCleanup): Promise<LegRig> => openLeg(test, making, role);
  const listening = async (test: TestCleanup): Promise<LegRig> => (await open(test)).listen();

  it('delivers nothing before it is listened to, then everything in order', async (test) => {
    const rig = await openLeg(test, making, role, (peer) => {
      peer.send('first');
      peer.send(Buffer.from('second'));
    });
    await rig.roundTripBack();
    expect(rig.told).toEqual([]);
    rig.listen({ opens: 'text' });
    await rig.roundTrip();
    expect(rig.told[0]).toBe('opened:first');
    if (making === 'ws') expect(rig.told[1]).toBe('binary:second');
    expect(rig.leg.received).toMatchObject({ messages: 2, bytes: 11 });
  });

  it('delivers nothing before the first resume when it starts paused', async (test) => {
    const rig = await open(test);
    rig.listen({ startsPaused: true, opens: 'text' });
    rig.peer.send('held');
    await rig.roundTripBack();
    expect(rig.told).toEqual([]);
    rig.leg.resume();
    await rig.hasTold('opened:held');
  });

  it('delivers nothing while it is paused', async (test) => {
    const rig = await open(test);
    rig.listen({ opens: 'text' }).leg.pause();
    rig.leg.pause();
    rig.peer.send('held');
    await rig.roundTripBack();
    expect(rig.told).toEqual([]);
    rig.leg.resume();
    await rig.hasTold('opened:held');
  });

  it('writes what is handed to it as messages of their kind, in order', async (test) => {
    const rig = await listening(test);
    rig.leg.forward(Buffer.from('a text'), 'text');
    rig.leg.forward(Buffer.from('some bytes'), 'binary');
    rig.leg.send('own €');
    rig.leg.send(Buffer.from('own bytes'));
    await rig.roundTripBack();
    expect(rig.got.slice(0, -1)).toEqual([
      'text:a text',
      'binary:some bytes',
      'text:own €',
      'text:own bytes',
    ]);
  });

  it('writes messages of every form of length', async (test) => {
    const rig = await listening(test);
    const lengths = [0, 125, 126, 65_535, 65_536];
    for (const length of lengths) rig.leg.forward(Buffer.alloc(length, 'x'), 'text');
    await rig.roundTripBack();
    expect(rig.got.slice(0, -1).map((word) => word.length - 'text:'.length)).toEqual(lengths);
  });

  it('tells of pings and pongs and answers none', async (test) => {
    const rig = await listening(test);
    rig.peer.ping('are you there');
    rig.peer.pong('unasked');
    await rig.hasTold('pong:unasked');
    await rig.roundTripBack();
    expect(rig.told.slice(0, 2)).toEqual(['ping:are you there', 'pong:unasked']);
    expect(rig.got).toEqual(['ping:marker']);
  });

  it('sends pings and pongs with what they hold', async (test) => {
    const rig = await listening(test);
    rig.leg.pong(Buffer.from('answer'));
    rig.leg.ping(Buffer.from('question'));
    await rig.hasTold('pong:question');
    expect(rig.got).toEqual(['pong:answer', 'ping:question']);
  });

  it.for([
    ['a code and reason', (peer: LegRig['peer']): void => peer.close(4001, 'why €'), '4001 why €'],
    ['no code', (peer: LegRig['peer']): void => peer.close(), '1005'],
    [
      'the code of a breach',
      (peer: LegRig['peer']): void => peer.close(CLOSE_ROWS.ProtocolError.code),
      String(CLOSE_ROWS.ProtocolError.code),
    ],
  ] as [string, (peer: LegRig['peer']) => void, string][])(
    'tells of a peer that closes with %s, and answers',
    async ([, end, close], test) => {
      const rig = await listening(test);
      end(rig.peer);
      await rig.hasTold('close:');
      const { code, reason } = rig.closes[0] ?? {};
      rig.leg.close(code === 1005 ? undefined : code, reason);
      expect(await goneOf(rig)).toEqual([`close:${close}`, 'gone']);
      await rig.hasGot(`close:${close}`);
    },
  );

  it('hands over what came before a close frame first', async (test) => {
    const rig = await open(test);
    rig.listen({ opens: 'text' });
    rig.peer.send('last words');
    rig.peer.close(4001);
    await rig.hasTold('close:');
    expect(rig.told).toEqual(['opened:last words', 'close:4001']);
  });

  it.for([
    ['a reset', (rig: LegRig): void => void rig.peerSocket.resetAndDestroy()],
    ['an end without close frame', (rig: LegRig): void => rig.peer.terminate()],
    ['a half-close without close frame', (rig: LegRig): void => void rig.peerSocket.end()],
  ] as const)('takes %s for a loss, and lets go', async ([, end], test) => {
    const rig = await listening(test);
    end(rig);
    expect(await goneOf(rig)).toEqual(['close:1006', 'gone']);
  });

  it('is gone once the peer has answered its close', async (test) => {
    const rig = await listening(test);
    rig.leg.close(4000, 'own');
    rig.leg.close(4999, 'twice');
    expect(await goneOf(rig)).toEqual(['close:4000 own', 'gone']);
    await rig.hasGot('close:');
    expect(rig.got).toEqual(['close:4000 own']);
  });

  it('reads the answer to its close also when it was paused', async (test) => {
    const rig = await listening(test);
    rig.leg.pause();
    rig.leg.close(4000, 'own');
    expect(await goneOf(rig)).toEqual(['close:4000 own', 'gone']);
  });

  it('ends by both closes when they cross', async (test) => {
    const rig = await listening(test);
    rig.leg.close(4000, 'own');
    rig.peer.close(4001, 'peer');
    expect(await goneOf(rig)).toEqual(['close:4001 peer', 'gone']);
    await rig.hasGot('close:4000 own');
  });

  it('waits for a peer that never answers its close, until it is terminated', async (test) => {
    const rig = await listening(test);
    rig.peer.pause();
    rig.leg.close(4000, 'own');
    await otherTraffic(test);
    expect(rig.told).toEqual([]);
    rig.leg.terminate();
    expect(await goneOf(rig)).toEqual(['close:1006', 'gone']);
  });

  it('writes nothing after its own close', async (test) => {
    const rig = await listening(test);
    rig.leg.close(4000);
    rig.leg.send('late');
    rig.leg.forward(Buffer.from('late'), 'text');
    rig.leg.ping(MARKER);
    rig.leg.pong(MARKER);
    await goneOf(rig);
    await rig.hasGot('close:');
    expect(rig.got).toEqual(['close:4000']);
  });

  it('still reads a peer that has not answered its close', async (test) => {
    const rig = await open(test);
    rig.listen({ opens: 'text' });
    rig.peer.pause();
    rig.leg.close(4000);
    rig.peer.send('still here');
    await rig.hasTold('opened:still here');
  });

  it('destroys the connection at once when it is terminated', async (test) => {
    const rig = await listening(test);
    rig.leg.terminate();
    expect(await goneOf(rig)).toEqual(['close:1006', 'gone']);
    await rig.hasGot('close:1006');
  });

  it('may be used in any way once it is gone', async (test) => {
    const rig = await listening(test);
    rig.leg.terminate();
    await goneOf(rig);
    rig.leg.send('x');
    rig.leg.forward(MARKER, 'binary');
    rig.leg.ping(MARKER);
    rig.leg.pong(MARKER);
    rig.leg.pause();
    rig.leg.resume();
    rig.leg.close(NORMAL_CLOSURE, 'late');
    rig.leg.end();
    rig.leg.terminate();
    expect([rig.told, rig.leg.bufferedBytes]).toEqual([['close:1006', 'gone'], 0]);
  });

  it('tells of an end that came before it was listened to', async (test) => {
    const rig = await open(test);
    rig.leg.terminate();
    await rig.hasGot('close:1006');
    rig.listen();
    expect(await goneOf(rig)).toEqual(['close:1006', 'gone']);
  });

  it('counts what a peer does not take, and tells when it has taken it', async (test) => {
    const rig = await listening(test);
    rig.peer.pause();
    const chunk = Buffer.alloc(500_000, 'x');
    for (let at = 0; at < 40; at += 1) rig.leg.forward(chunk, 'binary');
    expect(rig.leg.bufferedBytes).toBeGreaterThan(chunk.length);
    expect(rig.drains).toBe(0);
    rig.peer.resume();
    await rig.until(() => rig.drains > 0, 'the drain');
    expect(rig.leg.bufferedBytes).toBe(0);
  });

  it.for([
    ['a reserved bit', (key?: Buffer) => frame(0xc1, 'x', key), 'ProtocolError'],
    ['a wrong mask', (key?: Buffer) => frame(0x81, 'x', key ? undefined : KEY), 'ProtocolError'],
    ['an unknown opcode', (key?: Buffer) => frame(0x83, '', key), 'ProtocolError'],
    [
      'a close code that may not be sent',
      (key?: Buffer) => frame(0x88, Buffer.from([3, 237]), key),
      'ProtocolError',
    ],
    ['a message too long', (key?: Buffer) => frame(0x82, Buffer.alloc(1_000_001), key), 'TooLarge'],
    ['opened text that is no UTF-8', (key?: Buffer) => frame(0x81, Buffer.from([0xff]), key), 'BadPayload'],
    ['a text too long to be opened', (key?: Buffer) => frame(0x81, 'x'.repeat(101), key), 'TooLarge'],
    ['a kind that is refused', (key?: Buffer) => frame(0x82, 'x', key), 'KindDenied'],
  ] as const)(
    'names the fault of a peer that sends %s, and closes by its row',
    async ([, bytes, fault], test) => {
      const rig = await open(test);
      rig.listen({ opens: 'text', refuses: 'binary' });
      rig.peer.on('error', () => undefined);
      rig.peerSocket.write(bytes(keyOf(role)));
      rig.peerSocket.write(frame(0x81, 'late', keyOf(role)));
      await rig.hasTold('close:');
      rig.leg.close(CLOSE_ROWS[fault].code, CLOSE_ROWS[fault].word);
      await rig.hasGot(`close:${CLOSE_ROWS[fault].code} ${CLOSE_ROWS[fault].word}`);
      rig.leg.terminate();
      expect(await goneOf(rig)).toEqual([`close:${fault}`, 'gone']);
      expect(rig.told).not.toContain('opened:late');
    },
  );

  it('opens texts of any chunking and fragments, and nothing else', async (test) => {
    const rig = await open(test);
    rig.listen({ opens: 'text' });
    const key = keyOf(role);
    const bytes = Buffer.concat([frame(0x01, 'fr', key), frame(0x80, 'ag', key), frame(0x81, '', key)]);
    for (const byte of bytes) rig.peerSocket.write(Buffer.from([byte]));
    rig.peerSocket.write(frame(0x82, 'binary', key));
    await rig.roundTrip();
    expect(rig.told.slice(0, 2)).toEqual(['opened:frag', 'opened:']);
    expect(rig.payloads).toBe(handed(making, role, 'binary', 'binary'));
  });

  it('opens only texts with the mark of control frames when it is asked for those', async (test) => {
    const rig = await open(test);
    rig.listen({ opens: 'control', refuses: 'text' });
    rig.peer.send('\u0001{}');
    rig.peer.send(Buffer.from('\u0001'));
    await rig.roundTrip();
    expect(rig.told.filter((word) => word.startsWith('opened'))).toEqual(['opened:\u0001{}']);
    rig.peer.send('data');
    await rig.hasTold('close:KindDenied');
  });

  it('loses nothing behind a text it halted at, also when more comes', async (test) => {
    const rig = await open(test);
    rig.listen({ opens: 'text' }).goesOn = false;
    const key = keyOf(role);
    rig.peerSocket.write(Buffer.concat(['one', 'two', 'three'].map((text) => frame(0x81, text, key))));
    await rig.hasTold('opened:one');
    rig.peer.send('four');
    await rig.roundTripBack();
    for (const next of ['two', 'three', 'four']) {
      expect(rig.told.at(-1)).not.toBe(`opened:${next}`);
      rig.leg.resume();
      await rig.hasTold(`opened:${next}`);
    }
    expect(rig.told).toEqual(['one', 'two', 'three', 'four'].map((text) => `opened:${text}`));
  });

  it.for([
    { how: 'stays', when: 'before' },
    { how: 'half-closes', when: 'before' },
    { how: 'half-closes', when: 'after' },
  ])(
    'keeps what is behind a halted text of a peer that $how $when it is read',
    async ({ how, when }, test) => {
      const rig = await open(test);
      rig.listen({ opens: 'text', startsPaused: when === 'before' }).goesOn = false;
      const texts = ['one', 'two'].map((text) => frame(0x81, text, keyOf(role)));
      rig.peerSocket.write(Buffer.concat([...texts, closeOf(role, 4001, 'why')]));
      if (when === 'after') await rig.hasTold('opened:one');
      if (how === 'half-closes') rig.peerSocket.end();
      await otherTraffic(test);
      if (when === 'before') rig.leg.resume();
      await rig.hasTold('opened:one');
      await otherTraffic(test);
      expect(rig.told).toEqual(['opened:one']);
      rig.leg.resume();
      await rig.hasTold('opened:two');
      rig.leg.resume();
      await rig.hasTold('close:');
      expect(rig.told.slice(0, 3)).toEqual(['opened:one', 'opened:two', 'close:4001 why']);
    },
  );

  it('keeps what is behind a halted text of a peer that is lost, as a loss', async (test) => {
    const rig = await open(test);
    rig.listen({ opens: 'text' }).goesOn = false;
    rig.peerSocket.write(Buffer.concat(['one', 'two'].map((text) => frame(0x81, text, keyOf(role)))));
    await rig.hasTold('opened:one');
    rig.peerSocket.resetAndDestroy();
    await rig.hasTold('gone');
    expect(rig.told).toEqual(['opened:one', 'close:1006', 'gone']);
    rig.leg.resume();
    expect(rig.told).toHaveLength(3);
  });
});
