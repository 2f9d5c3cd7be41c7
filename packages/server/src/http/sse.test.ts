import { describe, expect, it } from 'vitest';
import { formatEvent, readEvents, type ServerEvent } from './sse.ts';

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string, size: number): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEvents(pieces(text, size))) events.push(event);
  return events;
}

describe('readEvents', () => {
  it.each([1, 2, 3, 7, 1000])('reads events in pieces of %i bytes', async (size) => {
    const text =
      'event: a\ndata: {"x":"ö😀"}\n\n: comment\n\ndata: one\ndata:two\nid: 7\n\nevent: half\ndata: x\n';
    expect(await read(text, size)).toEqual([
      { event: 'a', data: '{"x":"ö😀"}' },
      { event: 'message', data: 'one\ntwo' },
    ]);
  });

  it.each(['\n', '\r', '\r\n'])('takes lines that end in %j', async (end) => {
    const text = ['event: a', 'data: b', '', ''].join(end);
    for (const size of [1, 1000]) expect(await read(text, size)).toEqual([{ event: 'a', data: 'b' }]);
  });

  it.each(['\n\r\n', '\r\n\n', '\r\n\r', '\n\r'])('takes an event that ends in %j', async (end) => {
    const text = `data: a${end}data: b${end}`;
    for (const size of [1, 2, 3, 1000])
      expect(
        (await read(text, size)).map(({ data }) => data),
        `in pieces of ${size}`,
      ).toEqual(['a', 'b']);
  });

  it('takes any text for data, and no line break of Unicode for the end of a line', async () => {
    const value = { text: 'one\u2028two\u2029three\u0085four' };
    for (const size of [1, 1000])
      expect(await read(formatEvent('delta', value), size)).toEqual([
        { event: 'delta', data: JSON.stringify(value) },
      ]);
  });

  it('skips one byte order mark, at the beginning alone', async () => {
    for (const size of [1, 1000])
      expect(await read('\uFEFFdata: a\n\n\uFEFFdata: b\n\ndata: c\n\n', size)).toEqual([
        { event: 'message', data: 'a' },
        { event: 'message', data: 'c' },
      ]);
  });

  it('reads what formatEvent writes, line breaks too', async () => {
    const value = { text: 'a\n\nb\r\r' };
    expect(await read(formatEvent('delta', value), 5)).toEqual([
      { event: 'delta', data: JSON.stringify(value) },
    ]);
  });

  it('refuses an event that is too long', async () => {
    await expect(read(`data: ${'x'.repeat(1_100_000)}`, 65_536)).rejects.toMatchObject({
      closeName: 'UpstreamUnavailable',
    });
  });
});
