import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyCuts,
  anyMessage,
  bytesOf,
  frame,
  KEY,
  messageBytes,
  type MessageShape,
  split,
} from '../../test/support/frame-bytes.ts';
import { ANY_RULES, scanAll, ScanRecorder } from '../../test/support/scan-sink.ts';
import type { Opening } from '../leg/leg.ts';
import { FrameScanner, type ScanRules } from './frame-scanner.ts';

const OPENINGS: Opening[] = ['none', 'control', 'text'];
const MARK = '\u0001';

/** Whether a message is one to open, told by the rule in words. */
function isOpened({ isText, fragments }: MessageShape, opens: Opening): boolean {
  if (!isText || opens === 'none') return false;
  return opens === 'text' || fragments[0]?.[0] === 1;
}

/** A message's frames without the pings between them. */
const dataOf = (message: MessageShape, key?: Buffer): Buffer =>
  messageBytes({ ...message, isInterrupted: false }, key);

const hexOf = (message: MessageShape): string => Buffer.concat(message.fragments).toString('hex');

/** A recorder that compares what the scanner says of itself with what it has passed. */
class Auditor extends ScanRecorder {
  scanner: FrameScanner | undefined;
  readonly wrong: string[] = [];
  #announced = 0;

  override onData(bytes: Buffer): void {
    if (bytes.length === 0) this.wrong.push('passed nothing');
    super.onData(bytes);
    if (this.#announced > this.passed) this.wrong.push('announced an end behind the data that came next');
    this.audit();
  }

  override onMessageEnd(offset: number): void {
    super.onMessageEnd(offset);
    this.#announced = this.ends.at(-1) as number;
    if (offset <= 0) this.wrong.push(`ended at ${offset}`);
  }

  override onBoundary(): void {
    super.onBoundary();
    if (!this.scanner?.isAtBoundary) this.wrong.push('a boundary that is none');
    this.audit();
  }

  audit(): void {
    const open = this.passed - (this.ends.at(-1) ?? 0);
    if (this.scanner?.openBytes !== open) this.wrong.push(`${this.scanner?.openBytes} open, not ${open}`);
    if (this.scanner?.isBetweenMessages !== (open === 0)) this.wrong.push('between messages');
  }
}

function scanAudited(chunks: readonly Buffer[], rules: Partial<ScanRules>, seen: Auditor): void {
  const scanner = new FrameScanner({ ...ANY_RULES, countsMessages: true, ...rules });
  seen.scanner = scanner;
  for (const chunk of chunks) {
    for (let rest: Buffer | undefined = chunk; rest;) rest = scanner.scan(rest, seen);
    seen.audit();
  }
}

const anyStream = fc.array(anyMessage, { maxLength: 6 });
const anyKey = fc.constantFrom(KEY, undefined);
const anyOpening = fc.constantFrom(...OPENINGS);

describe('FrameScanner where messages end', () => {
  it('tells each message’s end in the data that comes next, and how much of an open one it passed', () => {
    fc.assert(
      fc.property(anyStream, anyCuts, anyKey, anyOpening, (list, cuts, key, opens) => {
        const bytes = Buffer.concat(list.map((message) => messageBytes(message, key)));
        const seen = new Auditor();
        scanAudited(split(bytes, cuts), { isMasked: key !== undefined, opens }, seen);
        const forwarded = list.filter((message) => !isOpened(message, opens));
        let at = 0;
        const ends = forwarded.map((message) => (at += dataOf(message, key).length));
        expect([seen.wrong, seen.ends]).toEqual([[], ends]);
        const data = forwarded.map((message) => dataOf(message, key));
        expect(seen.bytes).toEqual(Buffer.concat(data));
      }),
      { numRuns: 500 },
    );
  });

  it('tells a boundary behind every frame, and where it stands in the data', () => {
    fc.assert(
      fc.property(anyStream, anyCuts, anyKey, anyOpening, (list, cuts, key, opens) => {
        const seen = new Auditor();
        seen.wantsBoundary = true;
        const bytes = Buffer.concat(list.map((message) => messageBytes(message, key)));
        scanAudited(split(bytes, cuts), { isMasked: key !== undefined, opens }, seen);
        let at = 0;
        const expected = list.flatMap((message) =>
          message.fragments.flatMap((fragment, index) => {
            const before = message.isInterrupted && index > 0 ? [at] : [];
            if (!isOpened(message, opens)) at += frame(0, fragment, key).length;
            return [...before, at];
          }),
        );
        expect([seen.wrong, seen.boundaries]).toEqual([[], expected]);
      }),
      { numRuns: 500 },
    );
  });

  it('offers each boundary when asked, and none inside a frame', () => {
    const seen = new ScanRecorder();
    seen.wantsBoundary = true;
    const bytes = Buffer.concat([frame(0x01, 'abc'), frame(0x80, ''), frame(0x82, 'xyz')]);
    scanAll(split(bytes, [4, 6]), {}, seen);
    expect(seen.boundaries).toEqual([5, 7, 12]);
  });

  it('offers no boundary when not asked, and tells no end when not asked', () => {
    const { seen } = scanAll([frame(0x82, 'abc'), frame(0x89, 'p')]);
    expect([seen.boundaries, seen.ends]).toEqual([[], []]);
  });

  it('knows between which frames a message is still open', () => {
    const scanner = new FrameScanner(ANY_RULES);
    const stateAfter = (bytes: Buffer): unknown[] => {
      scanner.scan(bytes, new ScanRecorder());
      const { isAtBoundary, isBetweenMessages, isInMessage, openBytes } = scanner;
      return [isAtBoundary, isBetweenMessages, isInMessage, openBytes];
    };
    expect(stateAfter(Buffer.alloc(0))).toEqual([true, true, false, 0]);
    expect(stateAfter(frame(0x01, 'abc').subarray(0, 1))).toEqual([true, true, false, 0]);
    expect(stateAfter(frame(0x01, 'abc').subarray(1, 3))).toEqual([false, false, true, 3]);
    expect(stateAfter(frame(0x01, 'abc').subarray(3))).toEqual([true, false, true, 5]);
    expect(stateAfter(frame(0x89, 'ping'))).toEqual([true, false, true, 5]);
    expect(stateAfter(frame(0x00, 'de').subarray(0, 3))).toEqual([false, false, true, 8]);
    expect(stateAfter(frame(0x00, 'de').subarray(3))).toEqual([true, false, true, 9]);
    expect(stateAfter(frame(0x80, 'end'))).toEqual([true, true, false, 0]);
  });

  it('lets frames of our own stand within a message that it opens', () => {
    const scanner = new FrameScanner({ ...ANY_RULES, opens: 'text' });
    const stateAfter = (bytes: Buffer): unknown[] => {
      scanner.scan(bytes, new ScanRecorder());
      const { isAtBoundary, isBetweenMessages, isInMessage, openBytes } = scanner;
      return [isAtBoundary, isBetweenMessages, isInMessage, openBytes];
    };
    expect(stateAfter(frame(0x01, 'abc').subarray(0, 3))).toEqual([true, true, true, 0]);
    expect(stateAfter(frame(0x01, 'abc').subarray(3))).toEqual([true, true, true, 0]);
    expect(stateAfter(frame(0x80, 'd'))).toEqual([true, true, false, 0]);
    expect(stateAfter(frame(0x82, 'abc').subarray(0, 4))).toEqual([false, false, true, 4]);
  });
});

describe('FrameScanner opening texts', () => {
  it('opens what it is told to open and forwards the rest, in order, whatever the cuts', () => {
    fc.assert(
      fc.property(anyStream, anyCuts, anyKey, anyOpening, (list, cuts, key, opens) => {
        const bytes = Buffer.concat(list.map((message) => messageBytes(message, key)));
        const { seen, scanner } = scanAll(split(bytes, cuts), { isMasked: key !== undefined, opens });
        const opened = list.filter((message) => isOpened(message, opens)).map(hexOf);
        const texts = seen.story.filter((line) => line.startsWith('t')).map((line) => line.slice(2));
        expect([scanner.fault, scanner.messages, texts]).toEqual([undefined, list.length, opened]);
        expect(seen.story).toEqual(scanAll([bytes], { isMasked: key !== undefined, opens }).seen.story);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['none', ['d 810161', 'c 9 70', 'd 820162']],
    ['text', ['t 61', 'c 9 70', 'd 820162']],
    ['control', ['d 810161', 'c 9 70', 'd 820162']],
  ] as const)('keeps the order of what it opens and what it forwards (%s)', (opens, story) => {
    const bytes = Buffer.concat([frame(0x81, 'a'), frame(0x89, 'p'), frame(0x82, 'b')]);
    expect(scanAll([bytes], { opens }).seen.story).toEqual(story);
  });

  it.each([KEY, undefined, Buffer.from([1, 0, 0, 0])])(
    'tells a control text by its first byte, wherever it is cut (key %o)',
    (key) => {
      const [control, plain] = [frame(0x81, `${MARK}{}`, key), frame(0x81, '{}', key)];
      const bytes = Buffer.concat([plain, control, plain]);
      const data = `d ${plain.toString('hex')}`;
      for (let at = 0; at < bytes.length; at += 1) {
        const { seen } = scanAll(split(bytes, [at, at + 1]), {
          isMasked: key !== undefined,
          opens: 'control',
        });
        expect(seen.story).toEqual([data, 't 017b7d', data]);
      }
    },
  );

  it.each([
    ['a binary message with the mark', frame(0x82, MARK)],
    ['an empty text', frame(0x81, '')],
    ['the mark behind an empty fragment', Buffer.concat([frame(0x01, ''), frame(0x80, MARK)])],
    ['the mark in a later place', frame(0x81, ` ${MARK}`)],
    ['the mark in a later fragment', Buffer.concat([frame(0x01, 'a'), frame(0x80, MARK)])],
  ])('forwards %s where control texts are opened', (_, bytes) => {
    for (const chunks of [[bytes], split(bytes, [1, 2, 3])])
      expect(scanAll(chunks, { opens: 'control' }).seen.story).toEqual([`d ${bytes.toString('hex')}`]);
  });

  it('judges each message anew: an opened one does not open the next', () => {
    const bytes = Buffer.concat([frame(0x81, `${MARK}a`), frame(0x81, 'b'), frame(0x82, 'c')]);
    const { seen } = scanAll([bytes], { opens: 'control' });
    expect(seen.story).toEqual(['t 0161', 'd 810162820163']);
  });

  it('opens an empty text where all are opened', () => {
    expect(scanAll([frame(0x81, '', KEY)], { isMasked: true, opens: 'text' }).seen.story).toEqual(['t ']);
  });

  it('hands over a payload that the next message leaves alone', () => {
    const kept: Buffer[] = [];
    const seen = new ScanRecorder();
    seen.onText = (payload) => kept.push(payload) > 0;
    scanAll([frame(0x81, 'first', KEY), frame(0x81, 'other', KEY)], { isMasked: true, opens: 'text' }, seen);
    expect(kept.map(String)).toEqual(['first', 'other']);
  });

  it('unmasks each fragment with its own key', () => {
    const bytes = Buffer.concat([
      frame(0x01, 'abc', KEY),
      frame(0x00, 'defgh', Buffer.from([9, 8, 7, 6])),
      frame(0x80, 'i', Buffer.from([0, 255, 1, 2])),
    ]);
    for (let at = 0; at < bytes.length; at += 1) {
      const { seen } = scanAll(split(bytes, [at, at + 2]), { isMasked: true, opens: 'text' });
      expect(seen.texts).toEqual(['abcdefghi']);
    }
  });
});

describe('FrameScanner halting', () => {
  it('stops behind an opened text and returns what is left over', () => {
    const seen = new ScanRecorder();
    seen.goesOn = false;
    const scanner = new FrameScanner({ ...ANY_RULES, opens: 'text' });
    const [text, rest] = [frame(0x81, 'a'), Buffer.concat([frame(0x82, 'b'), frame(0x81, 'c')])];
    expect(scanner.scan(Buffer.concat([frame(0x82, 'x'), text, rest]), seen)).toEqual(rest);
    expect(seen.story).toEqual(['d 820178', 't 61']);
    expect(scanner.scan(rest, seen)).toBeUndefined();
    expect(seen.story).toEqual(['d 820178', 't 61', 'd 820162', 't 63']);
  });

  it('goes on behind a halt as if there had been none', () => {
    fc.assert(
      fc.property(anyStream, anyCuts, anyKey, anyOpening, (list, cuts, key, opens) => {
        const bytes = Buffer.concat(list.map((message) => messageBytes(message, key)));
        const halting = new ScanRecorder();
        halting.goesOn = false;
        const rules = { isMasked: key !== undefined, opens };
        scanAll(split(bytes, cuts), rules, halting);
        expect(halting.story).toEqual(scanAll([bytes], rules).seen.story);
      }),
    );
  });

  it.each([
    ['in the middle of a chunk', []],
    ['at the end of a header that was cut', [1]],
    ['where the first byte had been looked at', [2]],
  ])('stops %s', (_, cuts) => {
    const seen = new ScanRecorder();
    seen.goesOn = false;
    const scanner = new FrameScanner({ ...ANY_RULES, opens: 'control' });
    const chunks = split(Buffer.concat([frame(0x81, MARK), bytesOf('89 00')]), cuts);
    const rests = chunks.map((chunk) => scanner.scan(chunk, seen)?.toString('hex'));
    expect(seen.story[0]).toBe('t 01');
    expect(rests.filter(Boolean)).toEqual(['8900']);
  });

  it('keeps what is left over out of its own memory: the caller scans it again', () => {
    const seen = new ScanRecorder();
    seen.goesOn = false;
    const scanner = new FrameScanner({ ...ANY_RULES, opens: 'text' });
    const rest = scanner.scan(Buffer.concat([frame(0x81, 'a'), bytesOf('82')]), seen);
    expect(rest).toEqual(bytesOf('82'));
    scanner.scan(frame(0x82, 'b'), seen);
    expect([seen.story, scanner.fault]).toEqual([['t 61', 'd 820162'], undefined]);
  });

  it('offers a boundary behind the text at which it stops', () => {
    const seen = new ScanRecorder();
    Object.assign(seen, { goesOn: false, wantsBoundary: true });
    new FrameScanner({ ...ANY_RULES, opens: 'text' }).scan(frame(0x81, 'a'), seen);
    expect(seen.boundaries).toEqual([0]);
  });
});

describe('FrameScanner’s limits on opened texts', () => {
  it.each([
    { opens: 'text', most: [10, 100], text: 'a'.repeat(10), fault: undefined },
    { opens: 'text', most: [10, 100], text: 'a'.repeat(11), fault: 'TooLarge' },
    { opens: 'text', most: [100, 10], text: 'a'.repeat(10), fault: undefined },
    { opens: 'text', most: [100, 10], text: 'a'.repeat(11), fault: 'TooLarge' },
    { opens: 'control', most: [10, 100], text: MARK.repeat(10), fault: undefined },
    { opens: 'control', most: [10, 100], text: MARK.repeat(11), fault: 'TooLarge' },
    { opens: 'control', most: [10, 100], text: 'a'.repeat(11), fault: undefined },
    { opens: 'none', most: [10, 100], text: 'a'.repeat(11), fault: undefined },
  ] as const)(
    'opening $opens, at most $most (opened, in all), find $text $fault',
    ({ opens, most, text, fault }) => {
      const rules = { opens, maxOpenedBytes: most[0], maxMessageBytes: most[1] };
      const parts = Buffer.concat([frame(0x01, text.slice(0, 4)), frame(0x80, text.slice(4))]);
      for (const bytes of [frame(0x81, text), parts]) {
        const { scanner, seen } = scanAll([bytes], rules);
        const isForwarded = opens === 'none' || (opens === 'control' && !text.startsWith(MARK));
        expect([scanner.fault, seen.texts]).toEqual([fault, fault || isForwarded ? [] : [text]]);
      }
    },
  );

  it('caps a binary message by the longest message alone', () => {
    const rules = { opens: 'text', maxOpenedBytes: 3, maxMessageBytes: 5 } as const;
    expect(scanAll([frame(0x82, 'abcde')], rules).scanner.fault).toBeUndefined();
    expect(scanAll([frame(0x82, 'abcdef')], rules).scanner.fault).toBe('TooLarge');
  });

  it.each([
    ['none', 'text', `${MARK}x`, 'KindDenied'],
    ['control', 'text', `${MARK}x`, undefined],
    ['control', 'text', 'x', 'KindDenied'],
    ['control', 'text', '', 'KindDenied'],
    ['text', 'text', `${MARK}x`, 'KindDenied'],
    ['control', 'binary', `${MARK}x`, undefined],
  ] as const)('opening %s and refusing %s, finds %j %s', (opens, refuses, text, expected) => {
    expect(scanAll([frame(0x81, text)], { opens, refuses }).scanner.fault).toBe(expected);
  });

  it('allows an opened text no more fragments than another', () => {
    const bytes = Buffer.concat([frame(0x01, 'a'), frame(0x00, 'b'), frame(0x80, 'c')]);
    const { scanner, seen } = scanAll([bytes], { opens: 'text', maxFragments: 2 });
    expect([scanner.fault, seen.texts]).toEqual(['PolicyViolation', []]);
  });
});

describe('FrameScanner on UTF-8', () => {
  it('joins a character that is cut by fragments and by chunks', () => {
    const text = Buffer.from('é€\u{1f511}');
    for (let at = 1; at < text.length; at += 1) {
      const bytes = Buffer.concat([
        frame(0x01, text.subarray(0, at), KEY),
        frame(0x89, 'p', KEY),
        frame(0x80, text.subarray(at), KEY),
      ]);
      for (const chunks of [[bytes], split(bytes, [at, at + 7, at + 8])])
        expect(scanAll(chunks, { isMasked: true, opens: 'text' }).seen.story).toEqual([
          'c 9 70',
          `t ${text.toString('hex')}`,
        ]);
    }
  });

  it.each(['ff', 'c3', 'c0 80', 'ed a0 80', 'f4 90 80 80', '61 e2 82'])(
    'refuses an opened text that is not UTF-8 (%s) and nothing before it',
    (hex) => {
      const bytes = Buffer.concat([frame(0x81, 'ok'), frame(0x81, bytesOf(hex)), frame(0x81, 'late')]);
      const { scanner, seen } = scanAll([bytes], { opens: 'text' });
      expect([scanner.fault, seen.texts]).toEqual(['BadPayload', ['ok']]);
    },
  );

  it('judges no text that it forwards, and no binary message', () => {
    const bytes = Buffer.concat([frame(0x81, bytesOf('ff')), frame(0x82, bytesOf('01 ff'))]);
    const { scanner, seen } = scanAll([bytes], { opens: 'control' });
    expect([scanner.fault, seen.bytes]).toEqual([undefined, bytes]);
  });

  it('offers no boundary behind a text that is refused', () => {
    const seen = new ScanRecorder();
    seen.wantsBoundary = true;
    scanAll([frame(0x81, bytesOf('ff'))], { opens: 'text' }, seen);
    expect([seen.boundaries, seen.story]).toEqual([[], []]);
  });
});
