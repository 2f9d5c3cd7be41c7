/**
 * The connection to the agent: its client, the Settings message as the first frame of every connection, what is held
 * until the agent is ready, keep-alives and the count of it all. Reads no message.
 */
import type { Scheduler } from '../connection/scheduler.ts';
import { isLive, type ClientSnapshot, type ClientState } from '../connection/state.ts';
import { BadRequestError, VoxError } from '../errors.ts';
import type { ProxyClient } from '../proxy-client.ts';
import { INPUT_SAMPLE_RATE } from './default-settings.ts';
import { KeepAlive } from './keep-alive.ts';
import { NO_STATS, type VoiceStats } from './snapshot.ts';
import { Uplink } from './uplink.ts';

export interface AgentLinkOptions {
  readonly createClient: (url: string | URL) => ProxyClient;
  readonly scheduler: Scheduler;
  readonly maxHeldAudioMs: number;
  /** The Settings message for a connection that has just opened; undefined where none is to be sent. */
  readonly settings: () => object | undefined;
  /** An open connection needs no settings. */
  readonly onReady: () => void;
  readonly onText: (text: string) => void;
  readonly onBinary: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** An open connection is gone, or none is wanted any more. */
  readonly onLost: () => void;
  /** The state of the client changed. */
  readonly onState: () => void;
  /** A dial was aborted before its client knew of it, so that no state tells it. */
  readonly onAborted: () => void;
  readonly onTraffic: () => void;
  readonly onError: (error: VoxError) => void;
}

const BYTES_PER_MS = (INPUT_SAMPLE_RATE * 2) / 1000;
const MAX_HELD_MESSAGES = 64;
const KEEP_ALIVE_MS = 5_000;
const IDLE: ClientSnapshot = { state: 'idle', attempt: 0, bufferedBytes: 0 };

export class AgentLink {
  readonly stats: { -readonly [Name in keyof VoiceStats]: VoiceStats[Name] } = { ...NO_STATS };
  readonly #options: AgentLinkOptions;
  readonly #uplink: Uplink;
  readonly #keepAlive: KeepAlive;
  #url: string | URL;
  #client: ProxyClient | undefined;
  #listeners: (() => void)[] = [];
  #isOpen = false;
  /** Since the last dial that was not a retry. */
  #wasReady = false;
  /** Why there is no client. */
  #fault: VoxError | undefined;
  /** Resolves when the earlier connection is gone; undefined once it is. */
  #former: Promise<void> | undefined;
  /** A dial waits for that; what the earlier connection still tells is not about the new one. */
  #isDue = false;
  /** Counts the calls of close(). */
  #closes = 0;

  constructor(url: string | URL, options: AgentLinkOptions) {
    this.#url = url;
    this.#options = options;
    this.#uplink = new Uplink({
      send: (frame) => this.#send(frame),
      onDropped: (bytes) => this.#count('bytesDropped', bytes),
      maxAudioBytes: options.maxHeldAudioMs * BYTES_PER_MS,
      maxMessages: MAX_HELD_MESSAGES,
    });
    this.#keepAlive = new KeepAlive(options.scheduler, KEEP_ALIVE_MS, () =>
      this.#send('{"type":"KeepAlive"}'),
    );
  }

  /** Made when it is first asked for; throws what its constructor throws. */
  get client(): ProxyClient {
    return (this.#client ??= this.#listen(this.#options.createClient(this.#url)));
  }

  get snapshot(): ClientSnapshot {
    if (this.#fault) return { ...IDLE, state: 'failed', error: this.#fault };
    return (!this.#isDue && this.#client?.getSnapshot()) || IDLE;
  }

  /** As ProxyClient.connect(). Begins when the earlier connection is gone. */
  async dial(options?: { signal?: AbortSignal }): Promise<void> {
    const closes = this.#closes;
    this.#fault = undefined;
    if (this.#former) await this.#awaitFormer(this.#former, options?.signal);
    if (closes !== this.#closes) {
      throw options?.signal?.aborted
        ? options.signal.reason
        : new DOMException('The session was closed.', 'AbortError');
    }
    this.#isDue = false;
    try {
      return this.client.connect(options);
    } catch (error) {
      this.#fault =
        error instanceof VoxError
          ? error
          : new BadRequestError('bad_options', String(error), { cause: error });
      this.#uplink.clear();
      this.#options.onState();
      throw this.#fault;
    }
  }

  /** Lets everything through that was held. */
  ready(): void {
    if (this.#wasReady) this.stats.reconnects++;
    this.#wasReady = true;
    this.#uplink.open();
  }

  /** False when it can be neither sent nor held. */
  sendMessage(text: string): boolean {
    return this.#uplink.sendMessage(text);
  }

  sendAudio(frame: Uint8Array<ArrayBuffer>): void {
    this.#uplink.sendAudio(frame);
  }

  /** From now on another URL; an open connection is closed. The caller dials. */
  setUrl(url: string | URL): void {
    if (String(url) === String(this.#url)) return;
    this.#url = url;
    const old = this.#client;
    for (const stop of this.#listeners.splice(0)) stop();
    this.#client = this.#fault = undefined;
    this.#lose();
    if (old && isLive(old.getSnapshot().state)) void this.#leave(old);
  }

  /** Closes cleanly and forgets what was held; resolves once no socket is left. */
  async close(): Promise<void> {
    this.#closes++;
    this.#isDue = false;
    this.#uplink.clear();
    this.#lose();
    await (this.#client ? this.#leave(this.#client) : this.#former);
  }

  /** Closes it; a dial waits until it is gone. */
  #leave(client: ProxyClient): Promise<void> {
    const former = Promise.allSettled([this.#former, client.close()]).then(() => {
      if (this.#former === former) this.#former = undefined;
    });
    return (this.#former = former);
  }

  /** An abort in the meantime ends the call at once. */
  async #awaitFormer(former: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    const closes = this.#closes;
    const abort = (): void => {
      if (closes !== this.#closes) return;
      void this.close();
      this.#options.onAborted();
    };
    this.#isDue = true;
    this.#options.onState();
    signal?.addEventListener('abort', abort);
    await former;
    signal?.removeEventListener('abort', abort);
  }

  #listen(client: ProxyClient): ProxyClient {
    const { onText, onBinary, onError } = this.#options;
    this.#listeners = [
      client.on('open', () => this.#onOpen()),
      client.on('text', (text) => {
        if (this.#isDue) return;
        this.#received(bytesOf(text));
        onText(text);
      }),
      client.on('binary', (bytes) => {
        if (this.#isDue) return;
        this.#received(bytes.byteLength);
        onBinary(new Uint8Array(bytes));
      }),
      client.on('error', onError),
      client.on('state', ({ state }) => this.#onState(state)),
    ];
    return client;
  }

  #onOpen(): void {
    this.#isOpen = true;
    this.#keepAlive.start();
    try {
      const settings = this.#options.settings();
      if (settings) this.#send(JSON.stringify(settings));
      else this.#options.onReady();
    } catch (cause) {
      this.#options.onError(
        new BadRequestError('bad_settings', 'The settings of the agent could not be made.', { cause }),
      );
      void this.close();
    }
  }

  #onState(state: ClientState): void {
    if (this.#isDue) return;
    if (state !== 'open' && this.#isOpen) this.#lose();
    if (!isLive(state)) {
      this.#wasReady = false;
      this.#uplink.clear();
    }
    this.#options.onState();
  }

  #lose(): void {
    this.#isOpen = false;
    this.#uplink.hold();
    this.#keepAlive.stop();
    this.#options.onLost();
  }

  #send(frame: string | Uint8Array<ArrayBuffer>): void {
    this.client.send(frame);
    this.#keepAlive.sent();
    this.stats.framesSent++;
    this.#count('bytesSent', bytesOf(frame));
  }

  #received(bytes: number): void {
    this.stats.framesReceived++;
    this.#count('bytesReceived', bytes);
  }

  #count(name: keyof VoiceStats, bytes: number): void {
    this.stats[name] += bytes;
    this.#options.onTraffic();
  }
}

function bytesOf(frame: string | Uint8Array): number {
  return typeof frame === 'string' ? new TextEncoder().encode(frame).length : frame.length;
}
