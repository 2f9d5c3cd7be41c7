/**
 * One conversation with a voice agent as an external store: joins the connection, the microphone, the playback and
 * the agent's dialect. What a message means is agent-messages.ts's business; a user interface only shows snapshots.
 */
import type { CaptureSource } from '../audio/capture.ts';
import type { MediaError } from '../audio/media-error.ts';
import { systemScheduler, type Scheduler } from '../connection/scheduler.ts';
import { Emitter } from '../emitter.ts';
import { ConnectionError, UpstreamError, type VoxError } from '../errors.ts';
import { ProxyClient } from '../proxy-client.ts';
import { readAgentMessage, textInBinary } from './agent-frames.ts';
import { AgentLink } from './agent-link.ts';
import {
  onAgentAudio,
  onAgentMessage,
  onDrained,
  onEnded,
  onInterrupt,
  onLost,
  onTyped,
  type AgentCommand,
  type AgentStep,
} from './agent-messages.ts';
import {
  agentStateOf,
  EMPTY_CONVERSATION,
  historyOf,
  type AgentMessage,
  type Conversation,
} from './conversation.ts';
import { HISTORY_LENGTH, toSettings } from './default-settings.ts';
import { Pulse } from './pulse.ts';
import { IDLE_SNAPSHOT, NO_STATS, settle, type VoiceSnapshot, type VoiceStats } from './snapshot.ts';
import { Sound } from './sound.ts';
import type { VoiceEvents, VoiceSession, VoiceSessionOptions } from './voice-options.ts';

/** Opens, asks for and loads nothing; that begins with connect() or startMic(). */
export function createVoiceSession(options: VoiceSessionOptions): VoiceSession {
  return new LiveVoiceSession(options);
}

const STATS_INTERVAL_MS = 1_000;

/** The public methods are bound, for they are passed around on their own. */
class LiveVoiceSession implements VoiceSession {
  readonly #options: VoiceSessionOptions;
  readonly #scheduler: Scheduler;
  readonly #emitter = new Emitter<VoiceEvents & { snapshot: VoiceSnapshot }>();
  readonly #link: AgentLink;
  readonly #sound: Sound;
  readonly #statsPulse: Pulse;
  #conversation: Conversation = EMPTY_CONVERSATION;
  #snapshot: VoiceSnapshot = IDLE_SNAPSHOT;
  #stats: VoiceStats = NO_STATS;
  /** From connect() until the session has ended, whoever ended it. */
  #isWanted = false;
  #isDisposed = false;
  #agentError: VoxError | undefined;
  #mediaError: MediaError | VoxError | undefined;

  constructor(options: VoiceSessionOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler ?? systemScheduler;
    this.#statsPulse = new Pulse(this.#scheduler, STATS_INTERVAL_MS, () => this.#countTraffic());
    this.#link = this.#createLink();
    this.#sound = new Sound(options, this.#scheduler, {
      onFrame: (frame) => this.#isWanted && this.#link.sendAudio(frame),
      onMic: () => this.#publish(),
      onSpeaker: () => this.#onHeard(),
      onError: (error) => this.#onMediaError(error),
    });
  }

  get client(): ProxyClient {
    return this.#link.client;
  }

  readonly connect = (options?: { signal?: AbortSignal }): Promise<void> => {
    if (this.#isDisposed) return quiet(Promise.reject(disposed()));
    if (options?.signal?.aborted) return quiet(Promise.reject(options.signal.reason));
    const mayListen = !this.#isWanted || this.#mediaError !== undefined;
    this.#mediaError = undefined;
    this.#sound.speaker.open();
    if (!this.#isWanted) this.#begin();
    if (mayListen && this.#options.input !== 'none') void this.startMic();
    return quiet(this.#link.dial(options));
  };

  readonly disconnect = (): Promise<void> => {
    this.#end();
    this.#sound.speaker.close();
    return quiet(this.#link.close());
  };

  readonly dispose = (): void => {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    void this.disconnect();
    this.#sound.levels.stop();
    this.#statsPulse.stop();
  };

  readonly preload = async (): Promise<void> => {
    await this.#sound.audio.load().catch(() => {});
  };

  readonly sendText = (text: string): boolean => {
    if (!this.sendJson({ type: 'InjectUserMessage', content: text })) return false;
    this.#converse(onTyped(this.#conversation, text, this.#scheduler.now()));
    return true;
  };

  readonly sendJson = (message: unknown): boolean =>
    this.#isWanted && this.#link.sendMessage(JSON.stringify(message));

  readonly interrupt = (): void => {
    this.#apply(onInterrupt(this.#conversation));
  };

  readonly clearTranscript = (): void => {
    this.#converse({ ...this.#conversation, transcript: Object.freeze([]), unechoed: [] });
  };

  readonly setUrl = (url: string | URL): void => {
    this.#link.setUrl(url);
    if (this.#isWanted) void quiet(this.#link.dial());
  };

  readonly startMic = (options?: { readonly source?: CaptureSource }): Promise<void> => {
    if (this.#isDisposed) return quiet(Promise.reject(disposed()));
    const { input } = this.#options;
    this.#mediaError = undefined;
    return quiet(
      this.#sound.mic.start(options?.source ?? (typeof input === 'object' ? input.source : undefined)),
    );
  };

  readonly stopMic = (): void => this.#sound.mic.fallSilent();

  readonly setMuted = (isMuted: boolean): void => this.#sound.mic.setMuted(isMuted);

  readonly setDevice = (deviceId: string | undefined): Promise<void> => {
    return quiet(this.#sound.mic.setDevice(deviceId));
  };

  readonly setVolume = (volume: number): void => this.#sound.speaker.setVolume(volume);

  readonly receivedAudio = (): Promise<{ bytes: number; fnv1a: number }> => {
    return quiet(this.#sound.speaker.received());
  };

  readonly getSnapshot = (): VoiceSnapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => this.#emitter.on('snapshot', listener);

  readonly on = <Name extends keyof VoiceEvents>(
    name: Name,
    listener: (payload: VoiceEvents[Name]) => void,
  ): (() => void) => this.#emitter.on(name, listener as never);

  readonly onLevel = (listener: (input: number, output: number) => void): (() => void) =>
    this.#sound.levels.listen(listener);

  #createLink(): AgentLink {
    const { createClient, settings, maxHeldAudioMs = 30_000, url } = this.#options;
    return new AgentLink(url, {
      scheduler: this.#scheduler,
      maxHeldAudioMs,
      createClient: (current) => (createClient ?? toClient)({ ...this.#options, url: current }),
      settings: () => {
        const own = typeof settings === 'function' ? settings() : settings;
        return own === false ? undefined : toSettings(own, historyOf(this.#conversation, HISTORY_LENGTH));
      },
      onReady: () => this.#onMessage({ type: 'SettingsApplied' }),
      onText: (text) => this.#onText(text),
      onBinary: (bytes) => this.#onBinary(bytes),
      onLost: () => this.#apply(onLost(this.#conversation)),
      onState: () => this.#onState(),
      onAborted: () => this.#end(),
      onTraffic: () => this.#statsPulse.changed(),
      onError: (error) => this.#onAgentError(error),
    });
  }

  #begin(): void {
    this.#isWanted = true;
    this.#agentError = undefined;
    this.#publish();
  }

  /** What was received is still heard. */
  #end(): void {
    this.#isWanted = false;
    this.#conversation = onEnded(this.#conversation);
    this.#sound.mic.stop();
    this.#countTraffic();
    this.#onHeard();
  }

  #onState(): void {
    const { state } = this.#link.snapshot;
    if (this.#isWanted && (state === 'closed' || state === 'failed')) this.#end();
    this.#publish();
  }

  #onText(text: string): void {
    this.#emitter.emit('message', text);
    const message = readAgentMessage(text);
    if (!message) return;
    this.#emitter.emit('agent', message);
    this.#onMessage(message);
  }

  #onMessage(message: AgentMessage): void {
    this.#apply(onAgentMessage(this.#conversation, message, this.#scheduler.now()));
  }

  #onBinary(bytes: Uint8Array<ArrayBuffer>): void {
    const text = textInBinary(bytes);
    if (text !== undefined) return this.#onText(text);
    if (this.#conversation.muted !== 'no') return;
    this.#sound.speaker.push(bytes);
    this.#converse(onAgentAudio(this.#conversation));
  }

  #onHeard(): void {
    if (!this.#sound.speaker.isUnheard) this.#conversation = onDrained(this.#conversation);
    if (!this.#isWanted && !this.#sound.speaker.isUnheard) this.#sound.speaker.close();
    this.#publish();
  }

  #onAgentError(error: VoxError): void {
    this.#agentError = error;
    this.#emitter.emit('error', error);
    this.#publish();
  }

  #onMediaError(error: MediaError | VoxError): void {
    this.#mediaError = error;
    this.#emitter.emit('error', error);
    this.#publish();
  }

  #apply({ conversation, command }: AgentStep): void {
    this.#conversation = conversation;
    if (command) this.#obey(command);
    this.#publish();
  }

  #obey(command: AgentCommand): void {
    switch (command.do) {
      case 'ready':
        this.#agentError = undefined;
        return this.#link.ready();
      case 'flush':
        return this.#flush();
      case 'drain':
        return this.#onHeard();
      case 'warn':
        return this.#emitter.emit('warning', { code: command.code, message: command.message });
      case 'fail':
        return this.#onAgentError(new UpstreamError(command.code, command.message));
    }
  }

  #flush(): void {
    const isCutOff = this.#sound.speaker.isUnheard;
    this.#sound.speaker.flush().then(
      (heard) => heard && isCutOff && this.#emitter.emit('interrupted', heard),
      () => {},
    );
  }

  #converse(conversation: Conversation): void {
    this.#apply({ conversation });
  }

  /** Apart from the other changes, because every frame is one. */
  #countTraffic(): void {
    this.#stats = settle(this.#stats, { ...this.#link.stats });
    this.#publish();
  }

  #publish(): void {
    const { state, attempt, error, retryAt } = this.#link.snapshot;
    const { isReady, transcript } = this.#conversation;
    const next = settle(this.#snapshot, {
      state: this.#isWanted && state === 'idle' ? 'connecting' : state,
      isReady,
      agentState: agentStateOf(this.#conversation),
      transcript,
      isMicOn: this.#sound.mic.isOn,
      isMuted: this.#sound.mic.isMuted,
      isPlaying: this.#sound.speaker.isPlaying,
      error: error ?? this.#agentError ?? this.#mediaError,
      retryAt,
      attempt,
      stats: this.#stats,
    });
    if (next === this.#snapshot) return;
    this.#snapshot = next;
    this.#emitter.emit('snapshot', next);
  }
}

const toClient = (options: ConstructorParameters<typeof ProxyClient>[0]): ProxyClient =>
  new ProxyClient(options);

const disposed = (): ConnectionError => new ConnectionError('disposed', 'The session was disposed of.');

/** Its rejection does not count as unhandled; the snapshot tells it. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
