import { expect, test } from 'vitest';
import type { MockFrame } from '../../src/testing/message-reader.ts';
import { type Stream, StampJudge, stampedFrame, type Wrongs, noWrongs } from './stamps.ts';

const STREAM: Stream = { seed: 5, session: 3, direction: 'up', mostBytes: 200_000 };
const COUNT = 60;
const frames = (stream = STREAM): MockFrame[] =>
  Array.from({ length: COUNT }, (_, number) => stampedFrame(stream, number).message);

/** A frame that is long enough to carry its stamp, by its number. */
const stampedAt = frames().findIndex(({ payload }, number) => number > 10 && payload.length > 100);

function judged(came: readonly MockFrame[]): Wrongs {
  const judge = new StampJudge(STREAM);
  for (const message of came) judge.take(message);
  judge.end(COUNT);
  return judge.wrongs;
}

const without = (list: MockFrame[], at: number): MockFrame[] => list.toSpliced(at, 1);
const damaged = ({ kind, payload }: MockFrame): MockFrame => {
  const bytes = Buffer.from(payload);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return { kind, payload: bytes };
};
const other = stampedFrame({ ...STREAM, session: 4 }, stampedAt).message;
const at = (number: number): MockFrame => frames()[number] as MockFrame;

test.for<[what: string, came: MockFrame[], wrongs: Partial<Wrongs>]>([
  ['nothing wrong', frames(), {}],
  ['a lost frame', without(frames(), stampedAt), { lost: 1 }],
  ['lost frames at the end', frames().slice(0, -3), { lost: 3 }],
  ['a repeated frame', frames().toSpliced(stampedAt, 0, at(stampedAt)), { repeated: 1 }],
  [
    'a reordered frame',
    without(frames(), stampedAt).toSpliced(stampedAt + 2, 0, at(stampedAt)),
    { reordered: 1 },
  ],
  ['a changed frame', frames().with(stampedAt, damaged(at(stampedAt))), { changed: 1 }],
  [
    'another kind',
    frames().with(stampedAt, { ...at(stampedAt), kind: at(stampedAt).kind === 'text' ? 'binary' : 'text' }),
    { changed: 1 },
  ],
  [
    "another session's frame",
    frames().toSpliced(
      stampedAt,
      0,
      other.payload.length > 100 ? other : stampedFrame({ ...STREAM, direction: 'down' }, 1).message,
    ),
    { foreign: 1 },
  ],
])('sees %s', ([, came, wrongs]) => {
  expect(judged(came)).toEqual({ ...noWrongs(), ...wrongs });
});

test('makes frames of every size and both kinds, some in fragments, the same again', () => {
  const many = Array.from({ length: 500 }, (_, number) => stampedFrame(STREAM, number));
  const sizes = many.map(({ message }) => message.payload.length);
  expect(sizes).toContain(0);
  expect(Math.max(...sizes)).toBeGreaterThan(60_000);
  expect(new Set(many.map(({ message }) => message.kind)).size).toBe(2);
  expect(many.some(({ cuts }) => cuts.length > 1)).toBe(true);
  expect(stampedFrame(STREAM, 9)).toEqual(stampedFrame(STREAM, 9));
});
