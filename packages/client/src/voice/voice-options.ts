/** What a voice session is told at its creation, what it offers and tells, and the seams that tests use. Types only. */
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
import type { VoiceSnapshot } from './snapshot.ts';

export interface VoiceSessionOptions extends ProxyClientOptions {
  /**
   * The agent's Settings message, or a function that is asked for it at each connection. It replaces the default's
   * `agent.listen`, `agent.think` and `agent.speak`; `audio` has to stay 16 kHz linear16 in, 24 kHz linear16 out.
   * `false`: no message is sent, and the agent is ready as soon as the connection is open.
   */
  readonly settings?: AgentSettings | (() => AgentSettings | false | undefined) | false | undefined;
  /**
   * What connect() starts to listen to: the microphone (default), another source, or nothing until startMic().
   * A source is what createCapture() of the audio part takes.
   */
  readonly input?: 'microphone' | 'none' | { readonly source: CaptureSource };
  /** Which microphone, and the browser's processing of it. */
  readonly microphone?: MicrophoneOptions;
  /** Where the page serves the worklet files itself; needed where a Content-Security-Policy refuses blob: scripts. */
  readonly workletUrl?: WorkletUrl;
  /** Most microphone audio kept while the agent is not ready, in milliseconds; the oldest goes first. Default 30 000. */
  readonly maxHeldAudioMs?: number;
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

/**
 * Methods are bound, so that each can be passed around on its own. Those with a promise never cause an unhandled
 * rejection: what they reject with is in the snapshot, too.
 */
export interface VoiceSession {
  /** The connection below; a new one after setUrl(). Frames sent on it directly are not held until the agent is ready. */
  readonly client: ProxyClient;
  /**
   * Call it in a user gesture: opens the playback, starts `input`, and connects. Called again while connected, it asks
   * the browser to let sound play, and tries once more what failed. What was said before is told to the agent.
   * Resolves when the connection is first open, rejects as ProxyClient.connect() does; a microphone that fails does
   * not make it reject.
   */
  connect(options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * Stops microphone and sound in this very task and closes; resolves once the socket is gone. However a call ends,
   * audio and messages that were still held are dropped; typed text stays in the transcript, and the next call's agent
   * is told of it as of all that was said.
   */
  disconnect(): Promise<void>;
  /** As disconnect(), for good: nothing can be started any more. */
  dispose(): void;
  /** The audio part, fetched before the gesture that needs it; some browsers insist. Does not reject. */
  preload(): Promise<void>;

  /** Says something in writing. False when there is no connection to come, or too much waits for one already. */
  sendText(text: string): boolean;
  /** Sends a message of the agent's dialect once the agent is ready. False as for sendText(). */
  sendJson(message: unknown): boolean;
  /** Silences the agent until its next turn. */
  interrupt(): void;
  /** Forgets what was said; a connection opened later begins a new conversation. */
  clearTranscript(): void;
  /** Takes effect at once: an open connection is closed, then opened at the new URL. */
  setUrl(url: string | URL): void;

  /**
   * Call it in a user gesture. Rejects with MediaError, with ConnectionError where the audio part cannot be loaded,
   * with AbortError when stopMic() comes first. `source` stands in for the microphone this time.
   */
  startMic(options?: { readonly source?: CaptureSource }): Promise<void>;
  /** Ends the microphone in this very task, and lets the agent hear a pause. */
  stopMic(): void;
  setMuted(isMuted: boolean): void;
  /** Another microphone, at once or at the next start; undefined for the default one. Rejects with MediaError. */
  setDevice(deviceId: string | undefined): Promise<void>;
  /** 0 (silent) to 1 (as received). */
  setVolume(volume: number): void;
  /** Bytes that entered the playback since connect(), and their FNV-1a. Rejects with AbortError while it is closed. */
  receivedAudio(): Promise<{ bytes: number; fnv1a: number }>;

  /** Frozen; another object only when its content differs. */
  getSnapshot(): VoiceSnapshot;
  /** Returns the function that ends the subscription. */
  subscribe(listener: () => void): () => void;
  on<Name extends keyof VoiceEvents>(name: Name, listener: (payload: VoiceEvents[Name]) => void): () => void;
  /** Loudness of microphone and agent (RMS, 0..1), at most 30 times a second. */
  onLevel(listener: (input: number, output: number) => void): () => void;
}
