/** What a voice session is told at its creation, what it tells, and the seams that tests use. */
import type { CaptureSource } from '../audio/capture.ts';
import type { MediaError } from '../audio/media-error.ts';
import type { MicrophoneOptions } from '../audio/microphone.ts';
import type { WorkletUrl } from '../audio/worklet-loader.ts';
import type { VoxError } from '../errors.ts';
import type { ProxyClientOptions } from '../options.ts';
import type { ProxyClient } from '../proxy-client.ts';
import type { VoiceAudio } from './audio-loader.ts';
import type { AgentMessage } from './conversation.ts';
import type { AgentSettings } from './default-settings.ts';

export interface VoiceSessionOptions extends ProxyClientOptions {
  /**
   * The agent's Settings message, or a function that is asked for it at each connection. It replaces the default's
   * `agent.listen`, `agent.think` and `agent.speak`; `audio` has to stay 16 kHz linear16 in, 24 kHz linear16 out.
   * `false`: no message is sent, and the agent is ready as soon as the connection is open.
   */
  readonly settings?: AgentSettings | (() => AgentSettings | undefined) | false | undefined;
  /**
   * What connect() starts to listen to: the microphone (default), another source, or nothing until startMic().
   * A source is what createCapture() of the audio part takes.
   */
  readonly input?: 'microphone' | 'none' | { readonly source: CaptureSource };
  /** Which microphone, and the browser's processing of it. */
  readonly microphone?: MicrophoneOptions;
  /** Where the page serves the worklet files itself; needed where a Content-Security-Policy refuses blob: scripts. */
  readonly workletUrl?: WorkletUrl;
  /** Seam: what stands in for the audio part. Default: it is imported when first needed. */
  readonly loadAudio?: () => Promise<VoiceAudio>;
  /** Seam: makes the client. Default: a ProxyClient with the options given here. */
  readonly createClient?: (options: ProxyClientOptions) => ProxyClient;
}

/** A complaint of the agent that ends nothing. */
export interface VoiceWarning {
  readonly code: string;
  readonly message: string;
}

/** The payload of each event. */
export interface VoiceEvents {
  /** The text of every text frame. */
  message: string;
  /** Every message of the agent, parsed, wherever it came. */
  agent: AgentMessage;
  warning: VoiceWarning;
  /** A failed connection, a complaint of the agent, a lost microphone. Also in the snapshot. */
  error: VoxError | MediaError;
  /** An answer was cut off; times in milliseconds of its audio. */
  interrupted: { readonly playedMs: number; readonly flushedMs: number };
}
