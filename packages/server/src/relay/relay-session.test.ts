import { describe, expect, it } from 'vitest';
import { ABNORMAL_CLOSURE, MAX_CONTROL_FRAME_BYTES, CLOSE_ROWS, NORMAL_CLOSURE } from '../contract/index.ts';
import { inSessionMode, RelayRig, sentOn, WireLeg } from '../../test/support/relay-rig.ts';
import { createTestSignal } from '../../test/support/test-signal.ts';
import type { Judgement } from './judge.ts';
import type { RelayPlan } from './relay.ts';

const LOST = { code: ABNORMAL_CLOSURE, reason: '' };
const ACK = '\u0001{"type":"ack"}';

/** A started relay in session mode. */
const open = (more: RelayPlan = {}, windowBytes?: number): RelayRig =>
  new RelayRig({ ...inSessionMode(windowBytes), ...more }).start();

describe('a relay in session mode', () => {
  it('opens only control frames of the client, within the limit of the contract', () => {
    const { client, upstream } = open();
    expect(client.options).toMatchObject({
      opens: 'control',
      maxOpenedBytes: MAX_CONTROL_FRAME_BYTES,
      countsMessages: false,
    });
    expect(upstream.options).toMatchObject({ opens: 'none', countsMessages: true });
  });

  it('hands over the client’s control frames, and neither passes nor counts them', () => {
    const { client, upstream, relay, controls } = open();
    client.peerSends(ACK);
    client.peerSends('data');
    expect(controls).toEqual([ACK]);
    expect(sentOn(upstream)).toBe('<data>');
    expect([relay.up, relay.counts.received]).toEqual([{ frames: 1, bytes: 4 }, 1]);
  });

  it('hands over control frames also where a judge has every text opened', () => {
    const seen: string[] = [];
    const judge = (message: Buffer): Judgement => {
      seen.push(message.toString());
      return { forward: message };
    };
    const { client, controls } = open({ up: { judge, maxOpenedBytes: 100 } });
    client.peerSends(ACK);
    client.peerSends('data');
    expect([controls, seen, client.options.opens]).toEqual([[ACK], ['data'], 'text']);
  });

  it('counts what each side sent', () => {
    const { client, upstream, relay } = open();
    client.peerSends('a');
    client.peerSendsMessage('b');
    upstream.peerSendsMessage('c', 'd');
    upstream.peerSends('e');
    upstream.peerSendsMessage('f');
    expect(relay.counts).toEqual({ received: 2, sent: 3 });
  });

  it.each([
    ['at once', (judgement: Judgement) => judgement],
    ['later', (judgement: Judgement) => Promise.resolve(judgement)],
  ])('counts a text of its own that a judge has the client told %s, as the client does', async (_, when) => {
    const judge = (): Judgement | Promise<Judgement> => when({ drop: true, tell: 'no' });
    const { client, relay } = open({ up: { judge, maxOpenedBytes: 100 } });
    client.peerSends('may I');
    await Promise.resolve();
    expect(sentOn(client)).toBe('<no>');
    expect(relay.counts).toEqual({ received: 1, sent: 1 });
    expect(relay.acknowledge(1)).toBe(true);
  });

  it('does not count control frames of its own', () => {
    const { client, relay } = open();
    expect(relay.offer('client', ACK)).toBe(true);
    expect([sentOn(client), relay.counts.sent]).toEqual([`<${ACK}>`, 0]);
  });

  it('refuses an acknowledgement of what was not sent', () => {
    const { upstream, relay } = open();
    upstream.peerSendsMessage('one');
    expect([relay.acknowledge(2), relay.acknowledge(1), relay.acknowledge(0)]).toEqual([false, true, false]);
  });

  it('says when it owes an acknowledgement, until it is settled', () => {
    const rig = new RelayRig(inSessionMode(1_000, 10)).start();
    rig.client.peerSends('123456789', 'binary');
    expect(rig.owed).toBe(0);
    rig.client.peerSends('0', 'binary');
    expect(rig.owed).toBe(1);
    expect(rig.relay.settleAccount()).toBe(2);
    rig.client.peerSends('123456789', 'binary');
    expect(rig.owed).toBe(1);
    rig.comeBack(0).peerSends('0', 'binary');
    expect(rig.owed).toBe(2);
  });

  it('lets go of all that it kept, and keeps nothing more', () => {
    const plan = inSessionMode();
    const { upstream, relay } = new RelayRig(plan).start();
    upstream.peerSendsMessage('whole');
    upstream.peerSendsPart('ha');
    expect(plan.pool.bytes).toBe(7);
    relay.finish('client', { code: NORMAL_CLOSURE });
    relay.release();
    expect(plan.pool.bytes).toBe(0);
    upstream.peerSendsEnd('lf');
    upstream.peerSendsMessage('more');
    expect(plan.pool.bytes).toBe(0);
  });

  it('stops keeping for nobody: what ends a frame after the release still passes', () => {
    const { client, upstream, relay } = open({}, 10);
    upstream.peerSendsMessage('12345');
    upstream.peerSendsPart('ha');
    relay.release();
    relay.finish('client', { code: NORMAL_CLOSURE });
    upstream.peerSendsPart('0123456789');
    upstream.peerSendsEnd('lf');
    expect(sentOn(client)).toBe('12345ha0123456789lf');
    expect(client.calls).toContain('close 1000');
  });
});

describe('a relay whose client is lost', () => {
  it('keeps what the upstream sends, and sends it behind the greeting of the next leg', () => {
    const rig = open();
    rig.upstream.peerSendsMessage('one');
    rig.upstream.peerSendsPart('tw');
    rig.relay.detach();
    rig.upstream.peerSendsEnd('o');
    rig.upstream.peerSendsMessage('three');
    const back = rig.comeBack(1);
    rig.upstream.peerSendsMessage('four');
    expect(sentOn(back)).toBe('<\u0001hello>twothreefour');
  });

  it('takes what the client sends again, and forgets half a message that it had begun', () => {
    const rig = open();
    rig.client.peerSendsMessage('one');
    rig.client.peerSendsPart('tw');
    expect(rig.relay.canDetach).toBe(true);
    rig.relay.detach();
    expect(rig.relay.counts.received).toBe(1);
    rig.comeBack(0).peerSendsMessage('two');
    expect([sentOn(rig.upstream), rig.relay.counts.received]).toEqual(['onetwo', 2]);
  });

  it('destroys the old leg and hears nothing more of it', () => {
    const rig = open();
    const old = rig.client;
    rig.relay.detach();
    old.peerSends('late');
    old.peerPings('late');
    expect([rig.relay.isDetached, old.calls, rig.closes, rig.gones]).toEqual([true, ['terminate'], [], []]);
    expect([sentOn(rig.upstream), rig.upstream.calls]).toEqual(['', []]);
  });

  it('is taken over by a client that comes back before its loss was noticed', () => {
    const rig = open();
    const old = rig.client;
    rig.upstream.peerSendsMessage('one');
    const back = rig.comeBack(0);
    expect([rig.relay.isDetached, old.calls, rig.closes]).toEqual([false, ['terminate'], []]);
    expect(sentOn(back)).toBe('<\u0001hello>one');
    back.peerEnds(LOST);
    expect([rig.closes, rig.gones]).toEqual([[['client', LOST]], ['client']]);
  });

  it('cannot be held when part of a message has gone on', () => {
    const rig = open({}, 4);
    rig.client.peerSendsPart('12345');
    expect([rig.relay.canDetach, rig.relay.canAttach(0)]).toEqual([false, false]);
    rig.client.peerSendsEnd('6');
    expect([rig.relay.canDetach, rig.relay.canAttach(0)]).toEqual([true, true]);
  });

  it('cannot be held without session mode', () => {
    expect(new RelayRig().start().relay.canDetach).toBe(false);
  });

  it('goes on only from where all that was missed is still there', () => {
    const rig = open();
    for (const text of ['one', 'two', 'three']) rig.upstream.peerSendsMessage(text);
    rig.relay.acknowledge(1);
    rig.relay.detach();
    expect([0, 1, 2, 3, 4].map((count) => rig.relay.canAttach(count))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it('takes the count that a client comes back with for an acknowledgement', () => {
    const plan = inSessionMode();
    const rig = new RelayRig(plan).start();
    for (const text of ['one', 'two']) rig.upstream.peerSendsMessage(text);
    rig.comeBack(2);
    expect([plan.pool.bytes, rig.relay.canAttach(1)]).toEqual([0, false]);
  });

  it('adds up what all legs of the client sent', () => {
    const rig = open();
    rig.client.peerSends('12');
    rig.client.peerSends(ACK);
    const signs = rig.relay.clientSigns;
    rig.comeBack(0);
    expect(rig.relay.clientSigns).toBe(signs);
    rig.client.peerSends('345');
    rig.client.peerSendsPart('6');
    expect(rig.relay.up).toEqual({ frames: 2, bytes: 6 });
    expect(rig.relay.clientSigns).toBeGreaterThan(signs);
    expect(rig.relay.openMessage).toBe(3);
  });

  it('counts half a message that is sent again once, and its bytes as signs', () => {
    const rig = open();
    rig.client.peerSendsPart('123');
    expect(rig.relay.up).toEqual({ frames: 0, bytes: 3 });
    const signs = rig.relay.clientSigns;
    rig.comeBack(0);
    expect(rig.relay.up).toEqual({ frames: 0, bytes: 0 });
    expect(rig.relay.clientSigns).toBe(signs);
    rig.client.peerSendsMessage('123', '45');
    expect(rig.relay.up).toEqual({ frames: 1, bytes: 5 });
  });

  it('carries out a judgement that comes while the client is away, and then reads the new leg', async () => {
    const { told, tell } = createTestSignal();
    const judge = (message: Buffer): Promise<Judgement> => told().then(() => ({ forward: message }));
    const rig = open({ up: { judge, maxOpenedBytes: 100 } });
    rig.client.peerSends('one');
    rig.relay.detach();
    const back = rig.comeBack(0);
    back.peerSends('two', 'binary');
    expect([rig.relay.counts.received, sentOn(rig.upstream)]).toEqual([1, '']);
    tell(true);
    await told();
    await Promise.resolve();
    expect(sentOn(rig.upstream)).toBe('<one><two>');
  });

  it('keeps the order also of what came on the new leg before its handshake was over', () => {
    const rig = open({ up: { judge: () => new Promise(() => undefined), maxOpenedBytes: 100 } });
    rig.client.peerSends('one');
    rig.relay.detach();
    const back = new WireLeg();
    back.peerSends('early', 'binary');
    rig.relay.attach(back, 0, '\u0001hello');
    expect(sentOn(rig.upstream)).toBe('');
  });

  it('answers the upstream’s pings, since nobody else does', () => {
    const rig = open();
    rig.relay.detach();
    rig.upstream.peerPings('alive?');
    expect(rig.upstream.calls).toEqual(['pong alive?']);
    rig.comeBack(0);
    rig.upstream.peerPings('again?');
    expect([rig.upstream.calls, rig.client.calls]).toEqual([['pong alive?'], ['ping again?']]);
  });

  it('ends the new leg behind what it missed when the upstream has gone in mid-frame', () => {
    const rig = open();
    rig.relay.detach();
    rig.upstream.peerSendsMessage('whole');
    rig.upstream.peerSendsPart('half');
    rig.upstream.peerEnds(LOST);
    const back = rig.comeBack(0);
    rig.relay.finish('client', { code: CLOSE_ROWS.Internal.code, text: 'gone' });
    expect([sentOn(back), back.calls]).toEqual(['<\u0001hello>wholehalf', ['end']]);
  });
});
