/**
 * A client of session mode (PROTOCOL.md 8) made of bare sockets, which can be cut at any moment and resumes when told. It does
 * nothing by itself but read, count and acknowledge. In plain mode it is a client that knows nothing of session mode.
 */
import {
  CONTROL_BYTE,
  type HelloFrame,
  readControlFrame,
  type ResumeRequest,
  SESSION_QUERY,
  toControlFrame,
  toSessionQuery,
} from '../../src/contract/session-frames.ts';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { after, Changes } from '../../src/testing/changes.ts';
import type { MockFrame } from '../../src/testing/message-reader.ts';
import { MessageJournal } from './message-journal.ts';
import { type KeptMessage, SessionLedger } from './session-ledger.ts';
import type { TestCleanup } from './test-cleanup.ts';
import { dialAndLeave, dialWire, type LeaveMoment, type WireDialOptions } from './wire-dial.ts';
import { messageBytes, type PeerClose, type ReadingPace, type WirePeer } from './wire-peer.ts';

export interface SessionClientOptions {
  readonly port: number;
  readonly tls?: { readonly ca: string } | undefined;
  readonly mode: 'session' | 'plain';
  /** The request target of the next connection, with a fresh credential and with a query. */
  readonly target: () => string;
  readonly pace?: ReadingPace | undefined;
  /** Bytes kept for a server that does not acknowledge, beyond which `send` waits. Default 4 MiB. */
  readonly keepBytes?: number;
  /** Milliseconds for each wait. Default 10 000. */
  readonly deadlineMs?: number;
  /** False keeps no journals, for more traffic than fits into memory. Default true. */
  readonly keepsJournals?: boolean;
  readonly onMessage?: (message: MockFrame) => void;
  /** Called whenever something has happened to the client. */
  readonly onChange?: () => void;
}

/** A resume that the server could not grant, and what the client knew then. */
export interface ResetReport {
  readonly cause: unknown;
  /** What the server had of the client, as it says. */
  readonly received: unknown;
  /** What the server had for the client, as it says. */
  readonly sent: unknown;
  /** What the client had taken. */
  readonly ownReceived: number;
  readonly ownSent: number;
  readonly acknowledged: number;
}

/** `cut`: to be resumed; `closed`: over, by a close frame. */
type State = 'new' | 'open' | 'cut' | 'closed';

const KEEP_BYTES = 4 * 1024 * 1024;
const DEADLINE_MS = 10_000;

/** A first connection answered by something else than a hello. */
export class NoSessionMode extends Error {}

/** Makes a client that ends with its test. It connects when told. */
export function createSessionClient(test: TestCleanup, options: SessionClientOptions): SessionClient {
  const client = new SessionClient(options);
  test.onTestFinished(() => client.destroy());
  return client;
}

export class SessionClient {
  /** What the application gave. */
  readonly given = new MessageJournal();
  /** What the application was given. */
  readonly delivered = new MessageJournal();
  readonly hellos: HelloFrame[] = [];
  readonly resets: ResetReport[] = [];
  /** What the server did wrong. */
  readonly faults: string[] = [];
  readonly #options: SessionClientOptions;
  readonly #changes = new Changes();
  readonly #wires = new Set<WirePeer>();
  #ledger = new SessionLedger();
  #wire: WirePeer | undefined;
  #state: State = 'new';
  #close: PeerClose | undefined;
  #unacknowledgedBytes = 0;
  #cancelAck: (() => void) | undefined;

  constructor(options: SessionClientOptions) {
    this.#options = options;
  }

  get state(): State {
    return this.#state;
  }

  get received(): number {
    return this.#ledger.received;
  }

  get sent(): number {
    return this.#ledger.sent;
  }

  get acknowledged(): number {
    return this.#ledger.acknowledged;
  }

  /** True when the server has acknowledged everything; always in plain mode. */
  get isSettled(): boolean {
    return this.#ledger.keptMessages === 0;
  }

  get keptBytes(): number {
    return this.#ledger.keptBytes;
  }

  /** Connections of this client that are not gone, abandoned ones included. */
  get connections(): number {
    return this.#wires.size;
  }

  /** Rejects with NoSessionMode when session mode was asked for and is not offered, with DialRefused for an HTTP answer. */
  async connect(): Promise<void> {
    if (this.#options.mode === 'session') return this.#open(toSessionQuery());
    this.#use(await this.#dial(undefined));
  }

  /** Leaves the connection, if there is one, and goes on with the session on a new one. */
  async resume(): Promise<void> {
    this.#leave();
    await this.#open(toSessionQuery(this.#resumeRequest()));
  }

  /** Resumes twice at once and goes on with whichever hello comes first; the other connection is cut. */
  async resumeTwice(): Promise<void> {
    this.#leave();
    const query = toSessionQuery(this.#resumeRequest());
    const tries = [this.#greeted(query), this.#greeted(query)];
    const winner = await Promise.any(tries);
    this.#settle(winner);
    for (const one of tries)
      one.then(
        (other) => other !== winner && other.wire.cut(),
        () => undefined,
      );
  }

  /** Begins a resume and breaks off, without having looked at a hello. */
  async resumeAndLeave(moment: LeaveMoment): Promise<void> {
    this.#leave();
    await dialAndLeave(this.#dialOptions(toSessionQuery(this.#resumeRequest())), moment);
  }

  /** A resume as it would be asked for now, to be sent later than others, and left once it is answered. */
  lateResume(): () => Promise<void> {
    const query = toSessionQuery(this.#resumeRequest());
    return () => dialAndLeave(this.#dialOptions(query), 'answered');
  }

  /** Takes one message from the application; resolves when there is room for the next. Also while cut. */
  async send(message: MockFrame, cuts: readonly number[] = []): Promise<void> {
    await this.#room();
    const wire = this.#accept({ message, cuts });
    if (wire) await wire.send(message, cuts);
  }

  ping(payload: string): void {
    this.#wire?.ping(payload);
  }

  /** Cuts by a TCP reset, now. */
  cut(): void {
    this.#leave()?.cut();
  }

  /** Ends the connection in order, but without a close frame. */
  endStream(): void {
    this.#leave()?.endStream();
  }

  /** Takes a message from the application and cuts behind the first `bytes` of it; the connection ends by a reset or in order. */
  async cutWhileSending(message: MockFrame, bytes: number, how: 'reset' | 'end'): Promise<void> {
    await this.#room();
    const wire = this.#accept({ message, cuts: [] });
    this.#leave();
    wire?.write(messageBytes(message, [], true).subarray(0, bytes));
    if (how === 'end') wire?.endStream();
    else wire?.cut();
  }

  /** Cuts as soon as a frame has come in part, or after `latestMs`. Resolves when the connection is gone. */
  async cutWhileReceiving(latestMs: number): Promise<void> {
    this.#wire?.cutMidFrame(latestMs);
    await this.until(() => this.#state !== 'open' || undefined, 'the connection to be cut');
  }

  /** Leaves the connection open and silent, neither read nor written; until the server ends it, it counts in `connections`. */
  abandon(): void {
    this.#leave()?.pauseReading();
  }

  /** Lets abandoned connections read again, without taking anything, and resolves when the server has ended them. */
  async abandonedEnded(): Promise<void> {
    for (const wire of this.#wires) if (wire !== this.#wire) wire.resumeReading();
    const own = (): number => (this.#wire?.isGone === false ? 1 : 0);
    await this.until(
      () => this.#wires.size === own() || undefined,
      'the server to end abandoned connections',
    );
  }

  pauseReading(): void {
    this.#wire?.pauseReading();
  }

  resumeReading(): void {
    this.#wire?.resumeReading();
  }

  /** Resolves when the application was given so many messages since the session began. */
  async waitForReceived(count: number): Promise<void> {
    const probe = (): true | undefined => this.received >= count || undefined;
    await this.until(probe, `${count} messages; ${this.received} came`);
  }

  /** Resolves when the server has acknowledged everything. */
  async settled(): Promise<void> {
    const probe = (): true | undefined => this.isSettled || undefined;
    await this.until(probe, `the server to acknowledge ${this.sent} messages`);
  }

  /** Closes cleanly; resolves with what the server answered. */
  async close(code = NORMAL_CLOSURE, reason = ''): Promise<PeerClose> {
    this.#wire?.close(code, reason);
    return this.closed();
  }

  /** Resolves when the session is over by a close frame. */
  closed(): Promise<PeerClose> {
    return this.until(
      () => (this.#state === 'closed' ? this.#close : undefined),
      `a close frame; the connection is ${this.#state}`,
    );
  }

  /** Ends every connection, without ceremony. */
  destroy(): void {
    this.#cancelAck?.();
    for (const wire of this.#wires) wire.cut();
    this.#changes.end(new Error('the client was destroyed'));
  }

  /** The sending side of a message that was taken from the application; undefined while there is no connection. */
  #accept(kept: KeptMessage): WirePeer | undefined {
    if (this.#options.keepsJournals !== false) this.given.note(kept.message);
    if (this.#options.mode === 'session') this.#ledger.keep(kept);
    else this.#ledger.sent += 1;
    return this.#state === 'open' ? this.#wire : undefined;
  }

  async #room(): Promise<void> {
    const most = this.#options.keepBytes ?? KEEP_BYTES;
    const probe = (): true | undefined =>
      this.#state === 'closed' || this.#ledger.keptBytes < most || undefined;
    await this.until(probe, 'room for a message');
    if (this.#state === 'closed') throw new Error('the session is over');
  }

  #resumeRequest(): ResumeRequest {
    const id = this.hellos.at(-1)?.id;
    if (id === undefined) throw new Error('there is no session to resume');
    return { id, received: this.#ledger.received };
  }

  #dialOptions(query: string | undefined): WireDialOptions {
    const { port, tls, pace, deadlineMs = DEADLINE_MS, target } = this.#options;
    const asked = query === undefined ? target() : `${target()}&${SESSION_QUERY}=${query}`;
    return { port, target: asked, pace, deadlineMs, ...(tls ? { tls } : {}) };
  }

  async #dial(query: string | undefined): Promise<WirePeer> {
    const wire = await dialWire(this.#dialOptions(query));
    this.#wires.add(wire);
    wire.listener = { onGone: () => this.#forget(wire) };
    return wire;
  }

  #forget(wire: WirePeer): void {
    this.#wires.delete(wire);
    this.faults.push(...wire.faults);
    this.#notify();
  }

  async #open(query: string): Promise<void> {
    this.#settle(await this.#greeted(query));
  }

  /** A new connection and the hello that came first on it. What follows waits until `#settle` listens. */
  async #greeted(query: string): Promise<Greeted> {
    const wire = await this.#dial(query);
    let first: MockFrame | undefined;
    const more: MockFrame[] = [];
    wire.listener = {
      onMessage: (message) => {
        if (first) more.push(message);
        first ??= message;
        this.#notify();
      },
      onGone: () => this.#forget(wire),
    };
    await this.until(() => first !== undefined || wire.isGone || undefined, 'a hello');
    if (!first) throw new Error('the connection ended before the hello');
    const hello = isControl(first)
      ? (readControlFrame(first.payload.toString()) as HelloFrame | undefined)
      : undefined;
    if (hello?.type !== 'hello')
      throw new NoSessionMode(`the first frame is ${first.payload.toString().slice(0, 80)}`);
    return { wire, hello, more };
  }

  #settle({ wire, hello, more }: Greeted): void {
    const isResume = this.#state !== 'new';
    this.hellos.push(hello);
    if (hello.reset) this.#reset(hello);
    else if (isResume !== hello.resumed) this.faults.push(`resumed is ${hello.resumed} without a reset`);
    const again = this.#checked(() => this.#ledger.resumeFrom(hello.received)) ?? [];
    this.#use(wire);
    for (const { message, cuts } of again) wire.write(messageBytes(message, cuts, true));
    for (const message of more) this.#onMessage(message);
    if (wire.isGone) this.#onGone(wire.left);
  }

  #use(wire: WirePeer): void {
    this.#wire = wire;
    this.#state = 'open';
    wire.listener = {
      onMessage: (message) => this.#onMessage(message),
      onGone: (close) => {
        this.#forget(wire);
        this.#onGone(close);
      },
    };
    this.#notify();
  }

  /** From here on nothing more is taken from the connection. */
  #leave(): WirePeer | undefined {
    const wire = this.#wire;
    this.#cancelAck?.();
    this.#cancelAck = undefined;
    this.#unacknowledgedBytes = 0;
    this.#wire = undefined;
    if (wire && this.#state !== 'closed') this.#state = 'cut';
    if (wire && !wire.isGone) wire.listener = { onGone: () => this.#forget(wire) };
    this.#notify();
    return wire;
  }

  #reset({ resumed, reset }: HelloFrame): void {
    if (resumed) this.faults.push('a hello that resumes and resets');
    const { received, sent, acknowledged } = this.#ledger;
    this.resets.push({
      cause: reset?.cause,
      received: reset?.received,
      sent: reset?.sent,
      ownReceived: received,
      ownSent: sent,
      acknowledged,
    });
    this.#ledger = new SessionLedger();
  }

  #onMessage(message: MockFrame): void {
    if (this.#options.mode === 'session' && isControl(message)) {
      const control = readControlFrame(message.payload.toString());
      if (control?.type === 'ack') this.#checked(() => this.#ledger.acknowledge(control['received']));
      if (control?.type === 'hello') this.faults.push('a second hello');
      this.#notify();
      return;
    }
    this.#ledger.received += 1;
    if (this.#options.keepsJournals !== false) this.delivered.note(message);
    this.#options.onMessage?.(message);
    this.#oweAck(message.payload.length);
    this.#notify();
  }

  #oweAck(bytes: number): void {
    const hello = this.hellos.at(-1);
    if (!hello || this.#options.mode === 'plain') return;
    this.#unacknowledgedBytes += bytes;
    this.#cancelAck ??= after(hello.ack_ms, () => this.#acknowledge());
    if (this.#unacknowledgedBytes >= hello.ack_bytes) this.#acknowledge();
  }

  #acknowledge(): void {
    this.#cancelAck?.();
    this.#cancelAck = undefined;
    this.#unacknowledgedBytes = 0;
    const text = toControlFrame({ type: 'ack', received: this.#ledger.received });
    this.#wire?.write(messageBytes({ kind: 'text', payload: Buffer.from(text) }, [], true));
  }

  #onGone(close: PeerClose): void {
    this.#leave();
    this.#close = close;
    this.#state = close.hasCloseFrame ? 'closed' : 'cut';
    this.#notify();
  }

  /** A server that counts wrongly is noted, and its count left out of account. */
  #checked<T>(count: () => T): T | undefined {
    try {
      return count();
    } catch (error) {
      this.faults.push(String(error));
      return undefined;
    }
  }

  #notify(): void {
    this.#changes.notify();
    this.#options.onChange?.();
  }

  /** Resolves with what the probe finds; it looks whenever something happened to this client. */
  until<T>(probe: () => T | undefined, what: string): Promise<T> {
    const { deadlineMs = DEADLINE_MS } = this.#options;
    const said = (): string =>
      `${what}; ${this.#state}, ${this.received} taken, ${this.acknowledged} of ${this.sent} acknowledged`;
    return this.#changes.wait({ probe, what: said }, { deadlineMs });
  }
}

interface Greeted {
  readonly wire: WirePeer;
  readonly hello: HelloFrame;
  /** Messages that came before anybody listened. */
  readonly more: readonly MockFrame[];
}

const isControl = ({ kind, payload }: MockFrame): boolean => kind === 'text' && payload[0] === CONTROL_BYTE;
