import { describe, expect, it } from 'vitest';
import { createUsageReader } from './answer-usage.ts';

type Sources = NonNullable<Parameters<typeof createUsageReader>[0]>;

const SOURCES: Sources = [
  { on: 'message', match: { type: 'begin' }, read: { in: 'a.in' }, names: { model: 'a.model' } },
  { on: 'message', match: { type: 'end' }, read: { out: 'out', in: 'in' } },
];
const [JSON_TYPE, EVENTS] = ['application/json', 'text/event-stream'] as const;

/** What is told of a text that comes in pieces of this size. */
function read(type: string, text: string, size = 7): object | undefined {
  const reader = createUsageReader(SOURCES, type);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader?.push(bytes.subarray(at, at + size));
  return reader?.told();
}

const event = (data: object): string => `event: x\ndata: ${JSON.stringify(data)}\n\n`;
const begin = (a: object): object => ({ type: 'begin', a });

describe('the usage of an answer', () => {
  it.each([1, 7, 10_000])('is read of an answer in pieces of %i bytes', (size) => {
    const text = JSON.stringify(begin({ in: 5, model: 'model-1' }));
    expect(read(JSON_TYPE, text, size)).toEqual({ in: 5, model: 'model-1' });
  });

  it.each([1, 7, 10_000])('is read of events in pieces of %i bytes, the last of which counts', (size) => {
    const words = event({ type: 'words', text: 'end "begin" ö' });
    const all = [event(begin({ in: 5 })), words, event({ type: 'end', out: 7, in: 6 }), words];
    expect(read(EVENTS, all.join(''), size)).toEqual({ in: 6, out: 7 });
  });

  it('is what was told by then, where the answer breaks off', () => {
    expect(read(EVENTS, event(begin({ in: 5 })) + 'event: x\ndata: {"type":"end"')).toEqual({ in: 5 });
  });

  it.each([
    ['other messages', { type: 'other', a: { in: 5 } }],
    ['no number', begin({ in: '5' })],
    ['less than nothing', begin({ in: -5 })],
    ['no object', ['begin']],
    ['nothing', null],
    ['a name that could be anything', begin({ model: 'a b' })],
    ['a name that is long', begin({ model: 'a'.repeat(129) })],
    ['what every object has', { type: 'begin', a: 'toString' }],
  ])('is nothing for %s', (_, said) => {
    expect([read(JSON_TYPE, JSON.stringify(said)), read(EVENTS, event(said as object))]).toEqual([{}, {}]);
  });

  it('is nothing for what is no JSON', () => {
    expect([read(JSON_TYPE, '{"type":"begin"'), read(EVENTS, 'data: {"type":"begin"\n\n')]).toEqual([{}, {}]);
  });

  it('is not kept in mind for ever', () => {
    const long = 'x'.repeat(1_200_000);
    const more = begin({ in: 5 });
    expect(read(JSON_TYPE, JSON.stringify({ ...more, long }), 65_536)).toEqual({});
    // An event that is too long ends the reading, and nothing else.
    expect(read(EVENTS, event(more) + event({ long }) + event({ type: 'end', out: 7 }), 65_536)).toEqual({
      in: 5,
    });
  });

  it('is not looked for in answers of other types, nor where nothing is to be read', () => {
    expect(createUsageReader(SOURCES, 'audio/mpeg')).toBeUndefined();
    expect(createUsageReader(undefined, JSON_TYPE)).toBeUndefined();
  });
});
