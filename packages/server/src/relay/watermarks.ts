/** How much may wait on one leg before the other is paused. */

export interface Watermarks {
  /** Buffered bytes at which the reading side is paused; it reads again once they have left. */
  readonly highBytes: number;
}

export const DEFAULT_WATERMARKS: Watermarks = { highBytes: 262_144 };
