import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOSE_ROWS, type CloseName } from './close-codes.ts';
import { errorFrameOf, readErrorFrame, toErrorFrame, type Dialect } from './error-frames.ts';
import { ERROR_MESSAGES } from './error-words.ts';

const dialects: Dialect[] = ['deepgram', 'openai', 'asr', 'plain'];
const frame = { code: 'auth_expired', message: 'Text.', retryAfterMs: 1500, sessionId: 'id-1' };

describe('toErrorFrame', () => {
  it.each([
    { dialect: 'deepgram' as const, shape: { type: 'Error', code: 'auth_expired', description: 'Text.' } },
    {
      dialect: 'openai' as const,
      shape: { type: 'error', error: { type: 'proxy_error', code: 'auth_expired', message: 'Text.' } },
    },
    { dialect: 'asr' as const, shape: { type: 'error', message: 'Text.', code: 'auth_expired' } },
    { dialect: 'plain' as const, shape: { type: 'error', code: 'auth_expired', message: 'Text.' } },
  ])('writes what clients of $dialect expect and nothing else', ({ dialect, shape }) => {
    expect(JSON.parse(toErrorFrame(dialect, { code: 'auth_expired', message: 'Text.' }))).toEqual(shape);
  });

  it.each(dialects)(
    'puts the wait in whole seconds, rounded up, and the session into a %s frame',
    (dialect) => {
      const text = toErrorFrame(dialect, frame);
      expect(text).toContain('"retry_after":2');
      expect(text).toContain('"session_id":"id-1"');
    },
  );
});

describe('errorFrameOf', () => {
  it.each(Object.keys(CLOSE_ROWS) as CloseName[])('says the word and the fixed sentence of %s', (name) => {
    expect(errorFrameOf(name, { sessionId: 'x' })).toEqual({
      code: CLOSE_ROWS[name].word,
      message: ERROR_MESSAGES[name],
      sessionId: 'x',
    });
  });
});

describe('readErrorFrame', () => {
  it('reads back what any dialect wrote, for any text', () => {
    const anyFrame = fc.record(
      {
        code: fc.string({ unit: 'grapheme' }),
        message: fc.string({ unit: 'grapheme' }),
        retryAfterMs: fc.nat(1_000_000).map((seconds) => seconds * 1000),
        sessionId: fc.uuid(),
      },
      { requiredKeys: ['code', 'message'] },
    );
    fc.assert(
      fc.property(fc.constantFrom(...dialects), anyFrame, (dialect, one) => {
        expect(readErrorFrame(toErrorFrame(dialect, one))).toEqual(one);
      }),
    );
  });

  it.each([
    {
      title: 'the ASR of old',
      text: '{"type":"error","message":"No audio"}',
      code: 'upstream_error',
      message: 'No audio',
    },
    { title: 'a bare error', text: '{"type":"Error"}', code: 'upstream_error', message: 'upstream_error' },
    {
      title: 'a text in place of the object',
      text: '{"type":"error","error":"x","code":"c"}',
      code: 'c',
      message: 'c',
    },
    {
      title: 'a list in place of the object',
      text: '{"type":"error","error":[1],"code":"c"}',
      code: 'c',
      message: 'c',
    },
    {
      title: 'a number as code',
      text: '{"type":"error","code":7,"message":"m"}',
      code: 'upstream_error',
      message: 'm',
    },
    {
      title: 'a text as wait',
      text: '{"type":"Error","code":"c","retry_after":"5"}',
      code: 'c',
      message: 'c',
    },
  ])('reads $title', ({ text, code, message }) => {
    expect(readErrorFrame(text)).toEqual({ code, message });
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"Error"',
    '[{"type":"Error"}]',
    '{}',
    '{"type":"Results"}',
    '{"type":["Error"]}',
    'Error',
  ])('does not take %j for an error', (text) => {
    expect(readErrorFrame(text)).toBeUndefined();
  });

  it('is not misled by names that every object has', () => {
    expect(readErrorFrame('{"__proto__":{"type":"Error","code":"forged"}}')).toBeUndefined();
    expect({}).not.toHaveProperty('code');
  });
});
