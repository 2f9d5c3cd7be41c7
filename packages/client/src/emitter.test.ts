/** Isolation of listeners. */
import { expect, test, vi } from 'vitest';
import { nextUncaught } from '../test/support/next-uncaught.ts';
import { Emitter } from './emitter.ts';

interface Events {
  word: string;
  count: number;
}

test('calls listeners in order with the payload of their event', () => {
  const emitter = new Emitter<Events>();
  const heard: unknown[] = [];
  emitter.on('word', (word) => heard.push(`first ${word}`));
  emitter.on('word', (word) => heard.push(`second ${word}`));
  emitter.on('count', (count) => heard.push(count));
  emitter.emit('word', 'a');
  emitter.emit('count', 2);
  expect(heard).toEqual(['first a', 'second a', 2]);
});

test('reports a listener that throws as uncaught, after the others were called', async () => {
  const emitter = new Emitter<Events>();
  const fault = new Error('a bug of the application');
  const other = vi.fn();
  const uncaught = nextUncaught();
  emitter.on('word', () => {
    throw fault;
  });
  emitter.on('word', other);
  emitter.emit('word', 'a');
  expect(other).toHaveBeenCalledExactlyOnceWith('a');
  expect(await uncaught).toBe(fault);
});

test('stops calling a removed listener, whichever way it was added and removed', () => {
  const emitter = new Emitter<Events>();
  const listener = vi.fn();
  emitter.on('word', listener)();
  emitter.once('word', listener)();
  emitter.on('word', listener);
  emitter.off('word', listener);
  emitter.once('word', listener);
  emitter.off('word', listener);
  emitter.emit('word', 'a');
  expect(listener).not.toHaveBeenCalled();
});

test('calls a listener added by once for one event only', () => {
  const emitter = new Emitter<Events>();
  const listener = vi.fn();
  emitter.once('word', listener);
  emitter.emit('word', 'a');
  emitter.emit('word', 'b');
  expect(listener).toHaveBeenCalledExactlyOnceWith('a');
});
