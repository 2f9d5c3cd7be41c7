import { describe, expect, it } from 'vitest';
import { Uplink } from './uplink.ts';

const audio = (...bytes: number[]) => new Uint8Array(bytes);

function setUp(limits: { maxAudioBytes?: number; maxMessages?: number } = {}) {
  const sent: (string | number[])[] = [];
  const dropped: number[] = [];
  const uplink = new Uplink({
    send: (frame) => sent.push(typeof frame === 'string' ? frame : [...frame]),
    onDropped: (bytes) => dropped.push(bytes),
    maxAudioBytes: 100,
    maxMessages: 10,
    ...limits,
  });
  return { uplink, sent, dropped };
}

describe('Uplink', () => {
  it('holds both kinds and sends them in order when it opens', () => {
    const { uplink, sent } = setUp();
    uplink.sendAudio(audio(1));
    uplink.sendMessage('a');
    uplink.sendAudio(audio(2));
    expect(sent).toEqual([]);
    uplink.open();
    expect(sent).toEqual([[1], 'a', [2]]);
  });

  it('sends at once while open, and holds again afterwards', () => {
    const { uplink, sent } = setUp();
    uplink.open();
    uplink.sendMessage('a');
    uplink.hold();
    uplink.sendMessage('b');
    expect(sent).toEqual(['a']);
    uplink.open();
    expect(sent).toEqual(['a', 'b']);
  });

  it('drops the oldest audio over the budget, tells how much, and no message', () => {
    const { uplink, sent, dropped } = setUp({ maxAudioBytes: 4 });
    uplink.sendAudio(audio(1, 1));
    uplink.sendMessage('a');
    uplink.sendAudio(audio(2, 2));
    uplink.sendAudio(audio(3, 3));
    expect(dropped).toEqual([2]);
    uplink.open();
    expect(sent).toEqual(['a', [2, 2], [3, 3]]);
  });

  it('keeps the whole budget for what comes after it was opened', () => {
    const { uplink, dropped } = setUp({ maxAudioBytes: 4 });
    uplink.sendAudio(audio(1, 2, 3, 4));
    uplink.open();
    uplink.hold();
    uplink.sendAudio(audio(1, 2, 3, 4));
    expect(dropped).toEqual([]);
  });

  it('refuses a message over the budget', () => {
    const { uplink, sent } = setUp({ maxMessages: 1 });
    expect(uplink.sendMessage('a')).toBe(true);
    expect(uplink.sendMessage('b')).toBe(false);
    uplink.open();
    expect(sent).toEqual(['a']);
  });

  it('forgets on demand', () => {
    const { uplink, sent } = setUp();
    uplink.sendMessage('a');
    uplink.clear();
    uplink.open();
    expect(sent).toEqual([]);
  });
});
