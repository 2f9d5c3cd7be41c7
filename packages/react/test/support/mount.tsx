/** Components under StrictMode, in a document, until the end of the test. */
import { act, StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
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
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  const render = (next: ReactNode): Promise<void> =>
    settled(() => root.render(<StrictMode>{next}</StrictMode>));
  const unmount = (): void => act(() => root.unmount());
  onTestFinished(() => {
    unmount();
    container.remove();
  });
  await render(node);
  return { container, render, unmount };
}
