/** What the browser tells about the network and about waking up; the only place that reads it. Who waits decides what to do. */

/** `wake`: the page is back from the background or from the back-forward cache. */
export type NetworkChange = 'online' | 'offline' | 'wake';

export interface Network {
  /** False only where the platform is sure that there is no network. */
  isOnline(): boolean;
  /** Returns the function that ends the watch. */
  watch(listener: (change: NetworkChange) => void): () => void;
}

const PAGE_EVENTS = ['online', 'offline', 'pageshow'] as const;

/** Reads `navigator` and the events of window and document; says "online" and stays silent where there are none. */
export const systemNetwork: Network = {
  isOnline: () => globalThis.navigator?.onLine !== false,
  watch(listener) {
    const { document } = globalThis;
    const report = ({ type }: { type: string }): void => {
      if (type === 'online' || type === 'offline') listener(type);
      else if (document?.visibilityState !== 'hidden') listener('wake');
    };
    for (const name of PAGE_EVENTS) globalThis.addEventListener?.(name, report);
    document?.addEventListener('visibilitychange', report);
    return () => {
      for (const name of PAGE_EVENTS) globalThis.removeEventListener?.(name, report);
      document?.removeEventListener('visibilitychange', report);
    };
  },
};
