import { expect, test } from 'vitest';
import { Changes } from './changes.ts';

const what = (): string => 'the thing';

test('resolves at once with what is there already', async () => {
  await expect(new Changes().wait({ probe: () => 7, what })).resolves.toBe(7);
});

test('looks again after every change, and not in between', async () => {
  const changes = new Changes();
  let looks = 0;
  const waiting = changes.wait({ probe: () => (++looks === 3 ? 'found' : undefined), what });
  changes.notify();
  expect(looks).toBe(2);
  changes.notify();
  await expect(waiting).resolves.toBe('found');
  changes.notify();
  expect(looks).toBe(3);
});

test('rejects at the deadline with what was waited for', async () => {
  const waiting = new Changes().wait({ probe: () => undefined, what }, { deadlineMs: 1 });
  await expect(waiting).rejects.toThrow('waited 1 ms for the thing');
});

test('rejects on abort, also on one that came before', async () => {
  const abort = new AbortController();
  const waiting = new Changes().wait({ probe: () => undefined, what }, { signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  const late = new Changes().wait({ probe: () => undefined, what }, { signal: abort.signal });
  await expect(late).rejects.toThrow('enough');
});

test('rejects present and future waits once its owner has ended, but not what is there', async () => {
  const changes = new Changes();
  const waiting = changes.wait({ probe: () => undefined, what }, { deadlineMs: Infinity });
  changes.end(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
  await expect(changes.wait({ probe: () => undefined, what })).rejects.toThrow('over; waited for the thing');
  await expect(changes.wait({ probe: () => 'there', what })).resolves.toBe('there');
});
