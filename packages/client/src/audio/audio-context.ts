/**
 * One AudioContext for all who need it, opened by the first and closed after the last. What is connected to it
 * is left to them.
 */
import { MediaError } from './media-error.ts';

export interface AudioLease {
  readonly context: AudioContext;
  /**
   * Resolves when the context runs; asks again for one that the browser held back, so call it in a user gesture.
   * Rejects with MediaError `autoplay-blocked` when it is held back for longer than `patience`.
   */
  resume(): Promise<void>;
  /** Gives the context up; to be called once. */
  release(): void;
}

export interface SharedAudioContext {
  /**
   * Opens the context, or shares the open one, and asks it to run; call it in a user gesture.
   * Throws MediaError `insecure-context` or `unsupported`.
   */
  acquire(): AudioLease;
}

export interface SharedAudioContextOptions {
  /** Makes the context; default: one at the native rate of the device. */
  create?: () => AudioContext;
  /** A signal that aborts when waiting for the context to run is over; default: 3 s after the call. */
  patience?: () => AbortSignal;
}

export function createSharedAudioContext({
  create = openContext,
  patience = () => AbortSignal.timeout(3000),
}: SharedAudioContextOptions = {}): SharedAudioContext {
  let context: AudioContext | undefined;
  let holders = 0;
  return {
    acquire() {
      const held = (context ??= create());
      holders++;
      void held.resume().catch(() => {});
      return {
        context: held,
        resume: () => resumed(held, patience()),
        release() {
          if (--holders) return;
          context = undefined;
          void held.close().catch(() => {});
        },
      };
    },
  };
}

/** The context that captures and playbacks use unless told otherwise; nothing is opened before the first use. */
export const sharedAudioContext: SharedAudioContext = /* @__PURE__ */ createSharedAudioContext();

function openContext(): AudioContext {
  if (!globalThis.AudioWorkletNode)
    throw new MediaError(isSecureContext ? 'unsupported' : 'insecure-context');
  return new AudioContext();
}

/** A context that is held back leaves resume() pending for ever, hence the signal. */
function resumed(context: AudioContext, over: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown) => reject(new MediaError('autoplay-blocked', cause));
    over.onabort = refuse;
    context.resume().then(resolve, refuse);
  });
}
