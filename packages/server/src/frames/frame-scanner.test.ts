import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyCuts,
  anyMessage,
  bytesOf,
  frame,
  judge,
  KEY,
  messageBytes,
  split,
  type Verdict,
} from '../../test/support/frame-bytes.ts';
import { ANY_RULES, type Scan, scanAll, ScanRecorder } from '../../test/support/scan-sink.ts';
import { OPCODE_CLOSE, OPCODE_PING, OPCODE_PONG } from './frame-header.ts';
import { FrameScanner, type ScanRules } from './frame-scanner.ts';

const DIRECTIONS = [
  ['masked', KEY],
  ['unmasked', undefined],
] as const;

/** Frames of every kind and every length of header. */
const corpus = (key?: Buffer): Buffer =>
  Buffer.concat([
    frame(0x81, 'hello', key),
    frame(0x82, '', key),
    frame(0x01, 'frag', key),
    frame(0x89, 'ping', key),
    frame(0x80, 'ment', key),
    frame(0x82, Buffer.alloc(126, 7), key),
    frame(0x02, '', key),
    frame(0x8a, '', key),
    frame(0x80, '', key),
    frame(0x82, Buffer.alloc(65_536, 9), key),
    frame(0x88, bytesOf('03e8 6279 65'), key),
  ]);

const CORPUS_PAYLOAD = 5 + 8 + 126 + 65_536;

const anyFrame = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      first: fc.constantFrom(0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a),
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
        fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => Buffer.from(text)),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      first: fc.integer({ min: 0, max: 255 }),
      payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 990, max: 5010 }), fc.string({ unit: 'grapheme', maxLength: 20 }))
      .map(([code, reason]) => ({
        first: 0x88,
        payload: Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]),
      })),
  },
);

const anyStream = fc.array(anyFrame, { maxLength: 12 });

/** What a scan found, in the words of the judge: whole messages as their number, since their payload is not read. */
function controlsOf({ seen }: Scan): Pick<Verdict, 'controls' | 'close'> {
  const closing = seen.controls.find(({ opcode }) => opcode === OPCODE_CLOSE);
  const payload = Buffer.from(closing?.payload ?? '', 'latin1');
  const code = payload.length === 0 ? 1005 : payload.readUInt16BE(0);
  return {
    controls: seen.controls
      .filter(({ opcode }) => opcode !== OPCODE_CLOSE)
      .map(({ opcode, payload: text }) => ({
        kind: opcode === OPCODE_PING ? 'ping' : 'pong',
        payload: text,
      })),
    close: closing && { code, reason: payload.subarray(2).toString() },
  };
}

describe('FrameScanner against ws', () => {
  it.each(DIRECTIONS)('agrees on any %s stream in any chunks', async (_, key) => {
    const isMasked = key !== undefined;
    await fc.assert(
      fc.asyncProperty(anyStream, anyCuts, fc.constantFrom(400, 1_000_000), async (list, cuts, maxBytes) => {
        const bytes = Buffer.concat(list.map(({ first, payload }) => frame(first, payload, key)));
        const scan = scanAll(split(bytes, cuts), { isMasked, maxMessageBytes: maxBytes });
        const verdict = await judge(bytes, { isMasked, checksUtf8: false, maxBytes });
        expect([scan.scanner.fault !== undefined, scan.scanner.messages]).toEqual([
          verdict.isRefused,
          verdict.messages.length,
        ]);
        expect(controlsOf(scan)).toEqual({ controls: verdict.controls, close: verdict.close });
      }),
      { numRuns: 400 },
    );
  });

  it.each(DIRECTIONS)('agrees on every message of any %s stream that it opens', async (_, key) => {
    const isMasked = key !== undefined;
    await fc.assert(
      fc.asyncProperty(anyStream, anyCuts, async (list, cuts) => {
        const bytes = Buffer.concat(list.map(({ first, payload }) => frame(first, payload, key)));
        const { seen, scanner } = scanAll(split(bytes, cuts), {
          isMasked,
          opens: 'text',
          countsMessages: true,
        });
        const verdict = await judge(bytes, { isMasked });
        const texts = verdict.messages.filter(({ isBinary }) => !isBinary).map(({ payload }) => payload);
        expect([scanner.fault !== undefined, seen.texts]).toEqual([verdict.isRefused, texts]);
        expect(seen.ends).toHaveLength(verdict.messages.length - texts.length);
      }),
      { numRuns: 400 },
    );
  });

  it.each(DIRECTIONS)('passes %s data as the judge read it from the whole stream', async (_, key) => {
    const rules = { isMasked: key !== undefined, checksUtf8: false };
    await fc.assert(
      fc.asyncProperty(fc.array(anyMessage, { maxLength: 6 }), anyCuts, async (list, cuts) => {
        const bytes = Buffer.concat(list.map((message) => messageBytes(message, key)));
        const { seen } = scanAll(split(bytes, cuts), rules);
        const passed = await judge(seen.bytes, rules);
        expect(passed).toEqual({ ...(await judge(bytes, rules)), controls: [] });
      }),
    );
  });
});

describe('FrameScanner over chunks', () => {
  it.each(DIRECTIONS)('tells the same of %s frames, whatever two places they are cut at', (_, key) => {
    const bytes = corpus(key);
    const isMasked = key !== undefined;
    const whole = scanAll([bytes], { isMasked });
    const edges = Array.from({ length: 300 }, (__, at) => [at, bytes.length - at]).flat();
    for (const place of [...edges, 30_000]) {
      const { seen, scanner } = scanAll(split(bytes, [place, place + 1]), { isMasked });
      const same = seen.story.join() === whole.seen.story.join();
      expect([place, same, scanner.fault]).toEqual([place, true, undefined]);
      expect([scanner.messages, scanner.bytes]).toEqual([6, CORPUS_PAYLOAD]);
    }
  });

  it.each(DIRECTIONS)(
    'tells the same of short %s frames, whatever pair of places they are cut at',
    (_, key) => {
      const bytes = Buffer.concat([
        frame(0x01, 'ab', key),
        frame(0x89, 'p', key),
        frame(0x80, '', key),
        frame(0x82, 'xyz', key),
      ]);
      const rules = { isMasked: key !== undefined };
      const whole = scanAll([bytes], rules).seen.story;
      for (let one = 0; one < bytes.length; one += 1)
        for (let two = one; two < bytes.length; two += 1)
          expect(scanAll(split(bytes, [one, two]), rules).seen.story).toEqual(whole);
    },
  );

  it('passes a chunk of whole data frames as the very buffer that came', () => {
    const chunk = Buffer.concat([frame(0x81, 'one'), frame(0x82, 'two')]);
    expect(scanAll([chunk]).seen.data).toEqual([chunk]);
    expect(scanAll([chunk]).seen.data[0]).toBe(chunk);
  });

  it('passes a part of a payload as the very buffer that came', () => {
    const [first, second] = split(frame(0x82, Buffer.alloc(100)), [50]) as [Buffer, Buffer];
    const { seen } = scanAll([first, second]);
    expect(seen.data[0]).toBe(first);
    expect(seen.data[1]).toBe(second);
  });

  it.each(DIRECTIONS)('reads 64 KiB %s in chunks of one byte', (_, key) => {
    const bytes = frame(0x82, Buffer.alloc(65_536, 1), key);
    const chunks = Array.from(bytes, (__, at) => bytes.subarray(at, at + 1));
    const { seen, scanner } = scanAll(chunks, { isMasked: key !== undefined });
    expect([scanner.fault, seen.bytes.equals(bytes), scanner.messages]).toEqual([undefined, true, 1]);
  });

  it('does not write to a header again that it passed', () => {
    const { seen } = scanAll(split(Buffer.concat([frame(0x82, 'one'), frame(0x81, 'two')]), [1, 6]));
    expect(seen.bytes).toEqual(Buffer.concat([frame(0x82, 'one'), frame(0x81, 'two')]));
  });

  it('does not write to what came', () => {
    const bytes = corpus(KEY);
    const before = Buffer.from(bytes);
    scanAll([bytes], { isMasked: true, opens: 'text' });
    expect(bytes.equals(before)).toBe(true);
  });

  it('takes an empty chunk in any state', () => {
    const chunks = split(corpus(KEY), [1, 3, 8]).flatMap((chunk) => [Buffer.alloc(0), chunk]);
    const { scanner } = scanAll(chunks, { isMasked: true });
    expect([scanner.fault, scanner.messages]).toEqual([undefined, 6]);
  });
});

describe('FrameScanner on control frames', () => {
  it.each([
    [OPCODE_PING, 'are you there'],
    [OPCODE_PONG, ''],
    [OPCODE_PING, 'x'.repeat(125)],
    [OPCODE_CLOSE, '\u0003\u00e8bye'],
  ])('tells opcode %i whole and unmasked, and not as data', (opcode, text) => {
    const bytes = frame(0x80 | opcode, Buffer.from(text, 'latin1'), KEY);
    const { seen } = scanAll(split(bytes, [bytes.length - 1]), { isMasked: true });
    expect(seen.controls).toEqual([{ opcode, payload: text }]);
    expect(seen.data).toEqual([]);
  });

  it('tells data that stands before a control frame first', () => {
    const bytes = Buffer.concat([frame(0x01, 'a'), frame(0x89, 'p'), frame(0x80, 'b')]);
    expect(scanAll([bytes]).seen.story).toEqual(['d 010161', 'c 9 70', 'd 800162']);
  });

  it('drops what follows a close frame', () => {
    const { seen, scanner } = scanAll([
      Buffer.concat([frame(0x88, ''), frame(0x81, 'late'), bytesOf('ff')]),
      frame(0x81, 'later'),
    ]);
    expect([scanner.fault, seen.story, scanner.messages]).toEqual([undefined, ['c 8 '], 0]);
  });

  it.each([
    ['a length of 126 bytes', '89 7e 007e'],
    ['a fragment', '09 7d'],
    ['an unknown opcode', '8b 7d'],
    ['a reserved bit', 'c9 7d'],
    ['a mask where none may be', '89 fd 00000000'],
    ['a close of an unknown bit', 'a8 05'],
  ])('judges %s by the header, before the payload has come', (_, hex) => {
    const bytes = bytesOf(hex);
    const inOne = scanAll([bytes]);
    const byByte = scanAll(Array.from(bytes, (__, at) => bytes.subarray(at, at + 1)));
    expect([inOne.scanner.fault, byByte.scanner.fault]).toEqual(['ProtocolError', 'ProtocolError']);
    expect([inOne.seen.story, byByte.seen.story]).toEqual([[], []]);
  });
});

const ILLEGAL = [
  ['a reserved bit', 'c1 00', 'ProtocolError'],
  ['the second reserved bit', 'a1 00', 'ProtocolError'],
  ['the third reserved bit', '91 00', 'ProtocolError'],
  ['an unknown data opcode', '83 00', 'ProtocolError'],
  ['an unknown control opcode', '8b 00', 'ProtocolError'],
  ['a mask where none may be', '81 80 00000000', 'ProtocolError'],
  ['a fragmented control frame', '09 00', 'ProtocolError'],
  ['a control frame of 126 bytes', '89 7e 007e', 'ProtocolError'],
  ['a continuation of nothing', '80 00', 'ProtocolError'],
  ['a message within a message', '01 00 81 00', 'ProtocolError'],
  ['a length that is not minimal (16 bits)', '82 7e 007d', 'ProtocolError'],
  ['a length that is not minimal (64 bits)', '82 7f 000000000000ffff', 'ProtocolError'],
  ['a length of 2^63 bytes', '82 7f 8000000000000000', 'ProtocolError'],
  ['a length of 2^62 bytes', '82 7f 4000000000000000', 'TooLarge'],
  ['a close frame of one byte', '88 01 03', 'ProtocolError'],
  ['a close code that may not be sent', '88 02 03ed', 'ProtocolError'],
  ['a close reason that is not UTF-8', '88 03 03e8 ff', 'BadPayload'],
] as const;

describe('FrameScanner on illegal frames', () => {
  it.each(ILLEGAL)('refuses %s and passes nothing of it', (_, hex, expected) => {
    const good = frame(0x82, 'good');
    const bytes = Buffer.concat([good, bytesOf(hex), good]);
    const whole = scanAll([bytes]);
    expect(whole.scanner.fault).toBe(expected);
    // Of a message within a message, the legal beginning is passed.
    const legal = hex.startsWith('01') ? '0100' : '';
    expect(whole.seen.story).toEqual([`d ${good.toString('hex')}${legal}`]);
    const byByte = scanAll(Array.from(bytes, (__, at) => bytes.subarray(at, at + 1)));
    expect([byByte.scanner.fault, byByte.seen.story]).toEqual([expected, whole.seen.story]);
  });

  it.each(['81 00', '8a 00', '88 00'])('refuses an unmasked client’s frame (%s)', (hex) => {
    const { scanner, seen } = scanAll([bytesOf(`${hex} 00000000`)], { isMasked: true });
    expect([scanner.fault, seen.story]).toEqual(['ProtocolError', []]);
  });

  it('stays at its first fault and passes nothing more', () => {
    const scanner = new FrameScanner({ ...ANY_RULES, maxMessageBytes: 3 });
    const seen = new ScanRecorder();
    const bytes = Buffer.concat([frame(0x82, 'long'), frame(0x82, 'ok')]);
    expect([scanner.scan(bytes, seen), scanner.fault]).toEqual([undefined, 'TooLarge']);
    expect([scanner.scan(bytesOf('83 00'), seen), scanner.fault]).toEqual([undefined, 'TooLarge']);
    expect([seen.story, scanner.messages, scanner.bytes]).toEqual([[], 0, 0]);
  });
});

describe('FrameScanner’s limits', () => {
  it('caps the sum of a message’s fragments before it passes the header that exceeds it', () => {
    const parts = [frame(0x02, Buffer.alloc(60)), frame(0x89), frame(0x00, Buffer.alloc(40))];
    const fits = Buffer.concat(parts);
    const { seen, scanner } = scanAll([fits, frame(0x80, 'x')], { maxMessageBytes: 100 });
    expect([scanner.fault, seen.passed, scanner.bytes]).toEqual(['TooLarge', 104, 100]);
    expect(scanAll([fits, frame(0x80)], { maxMessageBytes: 100 }).scanner.fault).toBeUndefined();
  });

  it('caps each message for itself', () => {
    const bytes = Buffer.concat([
      frame(0x02, Buffer.alloc(60)),
      frame(0x80, Buffer.alloc(40)),
      frame(0x82, Buffer.alloc(100)),
      frame(0x02, Buffer.alloc(100)),
    ]);
    const { scanner } = scanAll([bytes], { maxMessageBytes: 100 });
    expect([scanner.fault, scanner.messages, scanner.bytes]).toEqual([undefined, 2, 300]);
  });

  it.each([
    [1, 1, undefined],
    [2, 1, 'PolicyViolation'],
    [3, 3, undefined],
    [4, 3, 'PolicyViolation'],
  ])('finds a message of %i fragments where %i are allowed: %s', (count, maxFragments, expected) => {
    const fragments = Array.from({ length: count }, () => Buffer.from('f'));
    const one = messageBytes({ isText: false, fragments, isInterrupted: true });
    const legal = frame(0x82, 'one');
    const { scanner } = scanAll([legal, one, one], { maxFragments });
    expect([scanner.fault, scanner.messages]).toEqual([expected, expected ? 1 : 3]);
  });

  it.each([
    ['text', 0x81, 'KindDenied'],
    ['text', 0x01, 'KindDenied'],
    ['text', 0x82, undefined],
    ['binary', 0x82, 'KindDenied'],
    ['binary', 0x81, undefined],
    [undefined, 0x81, undefined],
  ] as const)('that refuses %s meets a frame %i: %s', (refuses, first, expected) => {
    const { scanner, seen } = scanAll([frame(first, 'x')], { refuses });
    expect([scanner.fault, seen.passed]).toEqual([expected, expected ? 0 : 3]);
  });

  it('lets a message that is not refused go on in fragments', () => {
    const bytes = Buffer.concat([frame(0x01, 'a'), frame(0x00, 'b'), frame(0x80, 'c')]);
    expect(scanAll([bytes], { refuses: 'binary' }).scanner.fault).toBeUndefined();
    const binary = Buffer.concat([frame(0x02, 'a'), frame(0x00, 'b'), frame(0x80, 'c')]);
    expect(scanAll([binary], { refuses: 'text' }).scanner.fault).toBeUndefined();
  });

  it('counts payload as it comes, what of it is half a message, and a message when it has ended', () => {
    const scanner = new FrameScanner(ANY_RULES satisfies ScanRules);
    const seen = new ScanRecorder();
    const counts = (bytes: Buffer): number[] => {
      scanner.scan(bytes, seen);
      return [scanner.bytes, scanner.unfinishedBytes, scanner.messages];
    };
    expect(counts(frame(0x01, 'abc').subarray(0, 1))).toEqual([0, 0, 0]);
    expect(counts(frame(0x01, 'abc').subarray(1, 3))).toEqual([1, 1, 0]);
    expect(counts(frame(0x01, 'abc').subarray(3))).toEqual([3, 3, 0]);
    expect(counts(frame(0x89, 'not counted'))).toEqual([3, 3, 0]);
    expect(counts(frame(0x80, 'de'))).toEqual([5, 0, 1]);
  });
});
