/** What becomes of an opened text message. Whoever judges knows the route's rules; the relay only carries out. */
import type { CloseName } from '../contract/index.ts';

export type Judgement =
  | { readonly forward: string | Buffer }
  /** Not passed on; `tell` goes back to its sender. */
  | { readonly drop: true; readonly tell?: string }
  | { readonly end: CloseName };

/** `message` is the text's UTF-8, checked. A rejection, or a throw, ends the session as `Internal`: nothing unjudged passes. */
export type Judge = (message: Buffer) => Judgement | Promise<Judgement>;

export interface DirectionRules {
  /** Judges each text message of this direction; without it texts pass unopened. */
  readonly judge?: Judge | undefined;
  /** Longest text message that is opened, in bytes. */
  readonly maxOpenedBytes: number;
  /** A kind of message that may not come this way. */
  readonly refuses?: 'text' | 'binary' | undefined;
}
