/** How much may wait on one leg before the other is paused. */

export interface Watermarks {
  /** Buffered bytes at which the reading side is paused. */
  readonly highBytes: number;
  /** Buffered bytes at which it reads again. */
  readonly lowBytes: number;
}

export const DEFAULT_WATERMARKS: Watermarks = { highBytes: 1_048_576, lowBytes: 262_144 };
