/**
 * A client of session mode (PROTOCOL.md 8) made of bare sockets, which can be cut at any moment and resumes when told. It does
 * nothing by itself but read, count and acknowledge. In plain mode it is a client that knows nothing of session mode.
 */
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import {
  type HelloFrame,
  readControlFrame,
  toControlFrame,
  toSessionQuery,
} from '../../src/contract/session-frames.ts';
import { Changes } from '../../src/testing/changes.ts';
import type { MockFrame } from '../../src/testing/message-reader.ts';
import { MessageJournal } from './message-journal.ts';
import { OwedAck } from './owed-ack.ts';
import { type KeptMessage, SessionLedger } from './session-ledger.ts';
import {
  DEADLINE_MS,
  type Greeted,
  isControl,
  SessionWires,
  type SessionWiresOptions,
} from './session-wires.ts';
import type { TestCleanup } from './test-cleanup.ts';
import type { LeaveMoment } from './wire-dial.ts';
import { messageBytes, type PeerClose, type WirePeer } from './wire-peer.ts';

export interface SessionClientOptions extends SessionWiresOptions {
  readonly mode: 'session' | 'plain';
  /** Bytes kept for a server that does not acknowledge, beyond which `send` waits. Default 4 MiB. */
  readonly keepBytes?: number;
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
  readonly #wires: SessionWires;
  readonly #owedAck = new OwedAck(() => this.#acknowledge());
  #ledger = new SessionLedger();
  #wire: WirePeer | undefined;
  #state: State = 'new';
  #close: PeerClose | undefined;

  constructor(options: SessionClientOptions) {
    this.#options = options;
    this.#wires = new SessionWires(options, (wire) => {
      this.faults.push(...wire.faults);
      this.#notify();
    });
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
    if (this.#options.mode === 'session') this.#settle(await this.#wires.greeted(toSessionQuery()));
    else this.#use(await this.#wires.dial());
  }

  /** Leaves the connection, if there is one, and goes on with the session on a new one. */
  async resume(): Promise<void> {
    this.#leave();
    this.#settle(await this.#wires.greeted(this.#resumeQuery()));
  }

  /** Resumes twice at once and goes on with whichever hello comes first; the other connection is cut. */
  async resumeTwice(): Promise<void> {
    this.#leave();
    const query = this.#resumeQuery();
    const tries = [this.#wires.greeted(query), this.#wires.greeted(query)];
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
    await this.#wires.leaving(this.#resumeQuery(), moment)();
  }

  /** A resume as it would be asked for now, to be sent later than others, and left once it is answered. */
  lateResume(): () => Promise<void> {
    return this.#wires.leaving(this.#resumeQuery(), 'answered');
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
    this.#wires.resumeReading(this.#wire);
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
    this.#owedAck.forget();
    this.#wires.destroy();
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

  #resumeQuery(): string {
    const id = this.hellos.at(-1)?.id;
    if (id === undefined) throw new Error('there is no session to resume');
    return toSessionQuery({ id, received: this.#ledger.received });
  }

  #settle({ wire, hello, more }: Greeted): void {
    const isResume = this.#state !== 'new';
    if (this.hellos.some(({ id }) => id === hello.id)) this.faults.push('an id that was told before');
    this.hellos.push(hello);
    if (hello.reset && !isResume) this.faults.push('a reset of a session that nobody asked for');
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
    this.#wires.listen(wire, {
      onMessage: (message) => this.#onMessage(message),
      onGone: (close) => this.#onGone(close),
    });
    this.#notify();
  }

  /** From here on nothing more is taken from the connection. */
  #leave(): WirePeer | undefined {
    const wire = this.#wire;
    this.#owedAck.forget();
    this.#wire = undefined;
    if (!wire) return undefined;
    if (this.#state !== 'closed') this.#state = 'cut';
    this.#wires.listen(wire, {});
    this.#notify();
    return wire;
  }

  #onGone(close: PeerClose): void {
    this.#owedAck.forget();
    this.#wire = undefined;
    this.#close = close;
    this.#state = close.hasCloseFrame ? 'closed' : 'cut';
    this.#notify();
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
    const hello = this.hellos.at(-1);
    if (hello && isControl(message)) return this.#onControl(message);
    this.#ledger.received += 1;
    if (this.#options.keepsJournals !== false) this.delivered.note(message);
    this.#options.onMessage?.(message);
    if (hello) this.#owedAck.took(message.payload.length, hello);
    this.#notify();
  }

  #onControl({ payload }: MockFrame): void {
    const control = readControlFrame(payload.toString());
    if (!control) this.faults.push('a control frame that cannot be read');
    if (control?.type === 'ack') this.#checked(() => this.#ledger.acknowledge(control['received']));
    if (control?.type === 'hello') this.faults.push('a second hello');
    this.#notify();
  }

  #acknowledge(): void {
    const text = toControlFrame({ type: 'ack', received: this.#ledger.received });
    this.#wire?.write(messageBytes({ kind: 'text', payload: Buffer.from(text) }, [], true));
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
