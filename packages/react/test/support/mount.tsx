/** Components under StrictMode, in a document, until the end of the test. */
import { act, render } from '@testing-library/react';
import type { VoiceSession, VoiceSnapshot } from '@voxproxy/client/voice';
import type { ReactNode } from 'react';
import { onTestFinished, vi } from 'vitest';

export interface Mounted {
  readonly container: HTMLElement;
  /** Renders something else in the same place. */
  readonly render: (node: ReactNode) => Promise<void>;
  readonly unmount: () => void;
}

/** Whatever `happen` causes has been rendered when it resolves. */
export const settled = (happen: () => unknown = () => {}): Promise<void> =>
  act(async () => {
    await happen();
  });

export async function mount(node: ReactNode): Promise<Mounted> {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  const { container, rerender, unmount } = render(node, { reactStrictMode: true });
  onTestFinished(() => {
    unmount();
    container.remove();
  });
  await settled();
  return { container, unmount, render: (next) => settled(() => rerender(next)) };
}

const DEADLINE_MS = 3_000;

/** Waits for a snapshot of the session; fails with the last one when it does not come. */
export function reach(session: VoiceSession, isThere: (snapshot: VoiceSnapshot) => boolean): Promise<void> {
  return settled(
    () =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(JSON.stringify(session.getSnapshot()))), DEADLINE_MS);
        const look = (): void => {
          if (!isThere(session.getSnapshot())) return;
          clearTimeout(timer);
          resolve();
        };
        onTestFinished(session.subscribe(look));
        look();
      }),
  );
}
