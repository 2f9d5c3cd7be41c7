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
  onInterrupt,
  onLost,
  onTyped,
  type AgentCommand,
  type AgentStep,
} from './agent-messages.ts';
import { AudioLoader } from './audio-loader.ts';
import {
  agentStateOf,
  EMPTY_CONVERSATION,
  historyOf,
  type Conversation,
} from './conversation.ts';
import { HISTORY_LENGTH, INPUT_SAMPLE_RATE, OUTPUT_SAMPLE_RATE, toSettings } from './default-settings.ts';
import { Mic } from './mic.ts';
import { Pulse } from './pulse.ts';
import { IDLE_SNAPSHOT, settle, type VoiceSnapshot } from './snapshot.ts';
import { Speaker } from './speaker.ts';
import type { VoiceEvents, VoiceSession, VoiceSessionOptions } from './voice-options.ts';

/** Opens, asks for and loads nothing; that begins with connect() or startMic(). */
export function createVoiceSession(options: VoiceSessionOptions): VoiceSession {
  return new LiveVoiceSession(options);
}

const LEVEL_INTERVAL_MS = 1000 / 30;
const STATS_INTERVAL_MS = 1_000;
/** An agent that hears no pause never takes its turn: so much silence follows the microphone's end, in bytes. */
const PAUSE_BYTES = 2 * INPUT_SAMPLE_RATE;

class LiveVoiceSession implements VoiceSession {
  readonly #options: VoiceSessionOptions;
  readonly #scheduler: Scheduler;
  readonly #emitter = new Emitter<VoiceEvents & { snapshot: VoiceSnapshot; level: undefined }>();
  readonly #audio: AudioLoader;
  readonly #link: AgentLink;
  readonly #mic: Mic;
  readonly #speaker: Speaker;
  readonly #levels = { input: 0, output: 0 };
  readonly #levelPulse: Pulse;
  readonly #statsPulse: Pulse;
  #conversation: Conversation = EMPTY_CONVERSATION;
  #snapshot: VoiceSnapshot = IDLE_SNAPSHOT;
  /** From connect() until the session has ended, whoever ended it. */
  #isWanted = false;
  #isDisposed = false;
  #agentError: VoxError | undefined;
  #mediaError: MediaError | VoxError | undefined;
  /** Silence sent since the microphone was muted. */
  #mutedBytes = 0;

  constructor(options: VoiceSessionOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler ?? systemScheduler;
    this.#audio = new AudioLoader(options.loadAudio);
    this.#levelPulse = new Pulse(this.#scheduler, LEVEL_INTERVAL_MS, () =>
      this.#emitter.emit('level', undefined),
    );
    this.#statsPulse = new Pulse(this.#scheduler, STATS_INTERVAL_MS, () => this.#publish());
    this.#link = this.#createLink();
    this.#mic = this.#createMic();
    this.#speaker = this.#createSpeaker();
  }

  get client(): ProxyClient {
    return this.#link.client;
  }

  connect(options?: { signal?: AbortSignal }): Promise<void> {
    if (this.#isDisposed) return quiet(Promise.reject(disposed()));
    if (!this.#isWanted) this.#begin();
    this.#speaker.open();
    return quiet(this.#link.dial(options));
  }

  disconnect(): Promise<void> {
    this.#end();
    this.#speaker.close();
    return quiet(this.#link.close());
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    void this.disconnect();
    this.#levelPulse.stop();
    this.#statsPulse.stop();
  }

  async preload(): Promise<void> {
    await this.#audio.load().catch(() => {});
  }

  sendText(text: string): boolean {
    if (!this.sendJson({ type: 'InjectUserMessage', content: text })) return false;
    this.#converse(onTyped(this.#conversation, text, this.#scheduler.now()));
    return true;
  }

  sendJson(message: unknown): boolean {
    return this.#isWanted && this.#link.sendMessage(JSON.stringify(message));
  }

  interrupt(): void {
    this.#apply(onInterrupt(this.#conversation));
  }

  clearTranscript(): void {
    this.#converse({ ...this.#conversation, transcript: [], unechoed: [] });
  }

  setUrl(url: string | URL): void {
    this.#link.setUrl(url);
    if (this.#isWanted) void quiet(this.#link.dial());
  }

  startMic(options?: { readonly source?: CaptureSource }): Promise<void> {
    if (this.#isDisposed) return quiet(Promise.reject(disposed()));
    const { input } = this.#options;
    this.#mediaError = undefined;
    return quiet(this.#mic.start(options?.source ?? (typeof input === 'object' ? input.source : undefined)));
  }

  stopMic(): void {
    if (this.#mic.isOn && this.#isWanted) this.#link.sendAudio(new Uint8Array(PAUSE_BYTES));
    this.#mic.stop();
  }

  setMuted(isMuted: boolean): void {
    this.#mutedBytes = 0;
    this.#mic.setMuted(isMuted);
  }

  setDevice(deviceId: string | undefined): Promise<void> {
    return quiet(this.#mic.setDevice(deviceId));
  }

  setVolume(volume: number): void {
    this.#speaker.setVolume(volume);
  }

  receivedAudio(): Promise<{ bytes: number; fnv1a: number }> {
    return quiet(this.#speaker.received());
  }

  getSnapshot(): VoiceSnapshot {
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    return this.#emitter.on('snapshot', listener);
  }

  on<Name extends keyof VoiceEvents>(name: Name, listener: (payload: VoiceEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener as never);
  }

  onLevel(listener: (input: number, output: number) => void): () => void {
    return this.#emitter.on('level', () => listener(this.#levels.input, this.#levels.output));
  }

  #createLink(): AgentLink {
    const { createClient, settings, maxHeldAudioMs = 30_000, url } = this.#options;
    return new AgentLink(url, {
      scheduler: this.#scheduler,
      maxHeldAudioMs,
      createClient: (url) => (createClient ?? toClient)({ ...this.#options, url }),
      settings: () => {
        const own = typeof settings === 'function' ? settings() : settings;
        return own === false ? undefined : toSettings(own, historyOf(this.#conversation, HISTORY_LENGTH));
      },
      onText: (text) => this.#onText(text),
      onBinary: (bytes) => this.#onBinary(bytes),
      onLost: () => this.#apply(onLost(this.#conversation)),
      onState: () => this.#onState(),
      onTraffic: () => this.#statsPulse.changed(),
      onError: (error) => this.#emitter.emit('error', error),
    });
  }

  #createMic(): Mic {
    const { microphone, workletUrl } = this.#options;
    return new Mic({
      audio: this.#audio,
      capture: { ...microphone, sampleRate: INPUT_SAMPLE_RATE, ...(workletUrl && { workletUrl }) },
      onFrame: (frame) => this.#onFrame(frame),
      onLevel: (level) => this.#onLevel('input', level),
      onChange: () => this.#publish(),
      onError: (error) => this.#onMediaError(error),
    });
  }

  #createSpeaker(): Speaker {
    const { workletUrl } = this.#options;
    return new Speaker({
      audio: this.#audio,
      playback: { sampleRate: OUTPUT_SAMPLE_RATE, ...(workletUrl && { workletUrl }) },
      onLevel: (level) => this.#onLevel('output', level),
      onChange: () => this.#onHeard(),
      onError: (error) => this.#onMediaError(error),
    });
  }

  #begin(): void {
    this.#isWanted = true;
    this.#agentError = this.#mediaError = undefined;
    if (this.#options.input !== 'none') void this.startMic();
    this.#publish();
  }

  /** What was received is still heard. */
  #end(): void {
    this.#isWanted = false;
    this.#mic.stop();
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
    this.#apply(onAgentMessage(this.#conversation, message, this.#scheduler.now()));
  }

  #onBinary(bytes: Uint8Array<ArrayBuffer>): void {
    const text = textInBinary(bytes);
    if (text !== undefined) return this.#onText(text);
    if (this.#conversation.muted !== 'no') return;
    this.#speaker.push(bytes);
    this.#converse(onAgentAudio(this.#conversation));
  }

  /** A muted microphone is heard falling silent, and then no more. */
  #onFrame(frame: Uint8Array<ArrayBuffer>): void {
    if (!this.#isWanted) return;
    if (this.#mic.isMuted && (this.#mutedBytes += frame.length) > PAUSE_BYTES) return;
    this.#link.sendAudio(frame);
  }

  #onLevel(name: 'input' | 'output', level: number): void {
    if (this.#levels[name] === level) return;
    this.#levels[name] = level;
    this.#levelPulse.changed();
  }

  #onHeard(): void {
    if (!this.#speaker.isUnheard) this.#conversation = onDrained(this.#conversation);
    if (!this.#isWanted && !this.#speaker.isUnheard) this.#speaker.close();
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
        this.#agentError = new UpstreamError(command.code, command.message);
        this.#emitter.emit('error', this.#agentError);
    }
  }

  #flush(): void {
    const isCutOff = this.#speaker.isUnheard;
    this.#speaker.flush().then(
      (heard) => heard && isCutOff && this.#emitter.emit('interrupted', heard),
      () => {},
    );
  }

  #converse(conversation: Conversation): void {
    this.#apply({ conversation });
  }

  #publish(): void {
    const { state, attempt, error, retryAt } = this.#link.snapshot;
    const { isReady, transcript } = this.#conversation;
    const next = settle(this.#snapshot, {
      state: this.#isWanted && state === 'idle' ? 'connecting' : state,
      isReady,
      agentState: agentStateOf(this.#conversation),
      transcript,
      isMicOn: this.#mic.isOn,
      isMuted: this.#mic.isMuted,
      isPlaying: this.#speaker.isPlaying,
      error: error ?? this.#agentError ?? this.#mediaError,
      retryAt,
      attempt,
      stats: settle(this.#snapshot.stats, { ...this.#link.stats }),
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
