import { describe, expect, it } from 'vitest';
import { readAgentMessage, textInBinary } from './agent-frames.ts';

describe('readAgentMessage', () => {
  it.each([
    ['{"type":"Welcome","request_id":"r"}', { type: 'Welcome', request_id: 'r' }],
    ['{"type":"Novelty"}', { type: 'Novelty' }],
    ['{"type":1}', undefined],
    ['{}', undefined],
    ['null', undefined],
    ['[]', undefined],
    ['{"type"', undefined],
    ['', undefined],
  ])('reads %s', (text, message) => {
    expect(readAgentMessage(text)).toEqual(message);
  });
});

describe('textInBinary', () => {
  const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

  it.each([
    ['a known message', '{"type":"AgentAudioDone"}', true],
    ['an unknown message', '{"type":"Novelty"}', false],
    ['an inherited name', '{"type":"constructor"}', false],
    ['audio that begins like a message', '{\u0000\u0001', false],
    ['other audio', '\u0001{"type":"AgentAudioDone"}', false],
    ['nothing', '', false],
  ])('tells %s', (_, text, isMessage) => {
    expect(textInBinary(bytesOf(text))).toBe(isMessage ? text : undefined);
  });
});
