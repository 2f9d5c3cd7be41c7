/**
 * A session together with the decision when to dispose of it: when the component that made it has gone and does not
 * come back in the same task, as it does under StrictMode and Fast Refresh. Opens nothing.
 */
import { createVoiceSession, type VoiceSession } from '@voxproxy/client/voice';
import type { VoiceProxyOptions } from './voice-proxy-options.ts';

/** `mounted` lasts until the owner is really gone, `shown` also ends when it is hidden. */
export type Hold = 'mounted' | 'shown';

export class SessionHolder {
  readonly session: VoiceSession;
  readonly #keepAlive: boolean;
  readonly #holds = { mounted: 0, shown: 0 };
  #isOver = false;

  /** `options` is read whenever something is needed, so that the newest functions, token and settings count. */
  constructor(options: () => VoiceProxyOptions) {
    this.#keepAlive = options().keepAlive ?? false;
    this.session = createVoiceSession(toSessionOptions(options));
    this.session.on('message', (text) => options().onMessage?.(text));
    this.session.on('agent', (message) => options().onAgentMessage?.(message));
    this.session.on('warning', (warning) => options().onWarning?.(warning));
    this.session.on('error', (error) => options().onError?.(error));
    this.session.on('interrupted', (heard) => options().onInterrupted?.(heard));
  }

  /** Disposed of; a component that is shown again needs another one. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Returns the function that lets go; the last of its kind disposes of the session, in the same task. With
   * `keepAlive` only the last `mounted` does.
   */
  hold(kind: Hold): () => void {
    this.#holds[kind]++;
    return () => {
      this.#holds[kind]--;
      if (kind === 'shown' && this.#keepAlive) return;
      queueMicrotask(() => this.#holds[kind] === 0 && this.#dispose());
    };
  }

  #dispose(): void {
    this.#isOver = true;
    this.session.dispose();
  }
}

function toSessionOptions(options: () => VoiceProxyOptions): VoiceProxyOptions {
  return {
    ...options(),
    settings: () => {
      const { settings } = options();
      return typeof settings === 'function' ? settings() : settings;
    },
    /** Read for each new URL; a URL with a token of its own goes without ours. */
    get token(): VoiceProxyOptions['token'] {
      if (/[?&]token=/.test(String(options().url))) return options().token;
      return (context) => {
        const { token } = options();
        return typeof token === 'function' ? token(context) : token;
      };
    },
  };
}
