/** What a component tells the session that it owns. Types only. */
import type { VoiceEvents, VoiceSessionOptions } from '@voxproxy/client/voice';

/**
 * As for createVoiceSession(). A new `url` closes the connection and opens one there. A new `token` or `settings` is
 * used from the next connection on, and functions are the newest ones when they are called. Everything else is read
 * when the component is mounted.
 */
export interface VoiceProxyOptions extends VoiceSessionOptions {
  /** Connect when the component is mounted. Default false: browsers let sound play only after a user gesture. */
  readonly autoConnect?: boolean;
  /**
   * Go on while an `<Activity>` hides the component. Default false: hidden, it hangs up, and shown again it is idle.
   * Needs a React that has `<Activity>`.
   */
  readonly keepAlive?: boolean;
  readonly onMessage?: (text: VoiceEvents['message']) => void;
  readonly onAgentMessage?: (message: VoiceEvents['agent']) => void;
  readonly onWarning?: (warning: VoiceEvents['warning']) => void;
  readonly onError?: (error: VoiceEvents['error']) => void;
  readonly onInterrupted?: (heard: VoiceEvents['interrupted']) => void;
}
