import { describe, expect, it } from 'vitest';
import { QueueFull, SerialQueue } from './serial-queue.ts';

const never = new AbortController().signal;

function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('the serial queue', () => {
  it('runs one task at a time, in order, also after a failure', async () => {
    const queue = new SerialQueue(5);
    const log: string[] = [];
    const task =
      (name: string, fails = false) =>
      async () => {
        log.push(`${name} begins`);
        await Promise.resolve();
        log.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const settled = Promise.allSettled([queue.run(task('a', true), never), queue.run(task('b'), never)]);
    await queue.ended();
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    expect((await settled).map((result) => result.status)).toEqual(['rejected', 'fulfilled']);
  });

  it('refuses one task too many, and takes tasks again when there is room', async () => {
    const queue = new SerialQueue(2);
    const { opened, open } = gate();
    const first = queue.run(() => opened, never);
    const second = queue.run(async () => 2, never);
    await expect(queue.run(async () => 3, never)).rejects.toThrow(QueueFull);
    open();
    await Promise.all([first, second]);
    await expect(queue.run(async () => 4, never)).resolves.toBe(4);
  });

  it('never begins an aborted task, and lets the caller go at once', async () => {
    const queue = new SerialQueue(2);
    const { opened, open } = gate();
    const leaving = new AbortController();
    const running = queue.run(() => opened, leaving.signal);
    let begun = false;
    const waiting = queue.run(async () => (begun = true), leaving.signal);
    leaving.abort(new Error('left'));
    await expect(running).rejects.toThrow('left');
    await expect(waiting).rejects.toThrow('left');
    open();
    await queue.ended();
    expect(begun).toBe(false);
  });
});
