/** What is read from a page, and that nothing is expected where there is none. */
import { afterEach, expect, test, vi } from 'vitest';
import { systemNetwork, type NetworkChange } from './network.ts';

afterEach(() => vi.unstubAllGlobals());

/** A page with a window, a document and a navigator. */
function page() {
  const made = { window: new EventTarget(), document: new EventTarget(), listeners: 0 };
  const count = (target: EventTarget) => ({
    addEventListener: (name: string, listener: EventListener) => {
      made.listeners += 1;
      target.addEventListener(name, listener);
    },
    removeEventListener: (name: string, listener: EventListener) => {
      made.listeners -= 1;
      target.removeEventListener(name, listener);
    },
  });
  const show = (visibilityState: string) =>
    vi.stubGlobal('document', { ...count(made.document), visibilityState });
  for (const [name, value] of Object.entries(count(made.window))) vi.stubGlobal(name, value);
  show('visible');
  return { ...made, show, listeners: () => made.listeners };
}

test('tells changes of the network and waking up until the watch ends', () => {
  const { window, document, listeners } = page();
  const changes: NetworkChange[] = [];
  const stop = systemNetwork.watch((change) => changes.push(change));
  for (const name of ['offline', 'online', 'pageshow']) window.dispatchEvent(new Event(name));
  document.dispatchEvent(new Event('visibilitychange'));
  stop();
  window.dispatchEvent(new Event('offline'));
  expect(changes).toEqual(['offline', 'online', 'wake', 'wake']);
  expect(listeners()).toBe(0);
});

test('does not take hiding for waking', () => {
  const { document, show } = page();
  show('hidden');
  const changes: NetworkChange[] = [];
  const stop = systemNetwork.watch((change) => changes.push(change));
  document.dispatchEvent(new Event('visibilitychange'));
  stop();
  expect(changes).toEqual([]);
});

test('is offline only when the platform says so', () => {
  expect(systemNetwork.isOnline()).toBe(true);
  vi.stubGlobal('navigator', { onLine: false });
  expect(systemNetwork.isOnline()).toBe(false);
  vi.stubGlobal('navigator', {});
  expect(systemNetwork.isOnline()).toBe(true);
});

test('is silent outside a page', () => {
  const stop = systemNetwork.watch(() => {});
  expect(stop).not.toThrow();
});
