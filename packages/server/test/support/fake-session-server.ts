/**
 * The server's side of session mode (PROTOCOL.md 8) with the provider played by the test, as plainly as can be written: whole
 * messages, everything in memory. The client of session mode is tried against it, and the endurance scenarios too.
 */
import { randomUUID } from 'node:crypto';
import {
  CONTROL_BYTE,
  type HelloFrame,
  readControlFrame,
  readSessionQuery,
  type Reset,
  type ResumeRequest,
  SESSION_QUERY,
  SESSION_VERSION,
  type ServerControl,
  toControlFrame,
} from '../../src/contract/session-frames.ts';
import { after, Changes } from '../../src/testing/changes.ts';
import type { MockFrame } from '../../src/testing/message-reader.ts';
import type { UpgradeRequest } from '../../src/testing/upgrade-request.ts';
import type { FarEnd } from './far-end.ts';
import { type LeanUpstream, startLeanUpstream } from './lean-upstream.ts';
import { OwedAck } from './owed-ack.ts';
import type { TestCleanup } from './test-cleanup.ts';
import {
  messageBytes,
  type PeerClose,
  type PeerListener,
  type ReadingPace,
  type WirePeer,
} from './wire-peer.ts';

export interface FakeServerOptions {
  /** Default 30 000. */
  readonly holdMs?: number;
  /** Default 50. */
  readonly ackMs?: number;
  /** Default 32 768. */
  readonly ackBytes?: number;
  /** Bytes held for a client. Default 1 MiB. */
  readonly windowBytes?: number;
  /** What happens beyond the window: the provider waits, or what is oldest is lost. Default `wait`. */
  readonly beyondWindow?: 'wait' | 'lose';
  readonly pace?: ReadingPace;
  /** A lie, to see a client or a scenario notice it. */
  readonly lie?: 'loses' | 'repeats' | 'overcounts' | 'keepsId' | 'mumbles';
  readonly onSession: (far: FarEnd, request: UpgradeRequest) => void;
}

export function startFakeSessionServer(test: TestCleanup, options: FakeServerOptions): Promise<LeanUpstream> {
  const sessions = new Set<FakeSession>();
  test.onTestFinished(() => {
    for (const session of sessions) session.end();
  });
  return startLeanUpstream(test, {
    paceOf: () => options.pace,
    onOpen(peer, request) {
      const value = request.query.find(([name]) => name === SESSION_QUERY)?.[1] ?? '';
      const resume = readSessionQuery(value)?.resume;
      const known = resume && [...sessions].find((session) => session.knows(resume));
      if (known?.canResume(resume as ResumeRequest)) {
        known.attach(peer, resume);
        return;
      }
      const session = new FakeSession(options, () => sessions.delete(session));
      sessions.add(session);
      const lost = known && ({ cause: 'lost', received: known.received, sent: known.sent } as const);
      known?.end();
      session.attach(peer, undefined, lost ?? (resume ? { cause: 'unknown' } : undefined));
      options.onSession(session, request);
    },
  });
}

class FakeSession implements FarEnd {
  listener: PeerListener = {};
  received = 0;
  sent = 0;
  readonly #options: FakeServerOptions;
  readonly #onEnd: () => void;
  readonly #changes = new Changes();
  /** Every id that the client may still know. */
  readonly #ids: string[] = [];
  #kept: MockFrame[] = [];
  #acknowledged = 0;
  #peer: WirePeer | undefined;
  #pendingClose: { code: number | undefined; reason: string | undefined } | undefined;
  readonly #owedAck = new OwedAck(() => this.#tell({ type: 'ack', received: this.received }));
  #cancelHold = (): void => {};

  constructor(options: FakeServerOptions, onEnd: () => void) {
    this.#options = options;
    this.#onEnd = onEnd;
  }

  get #terms(): Pick<HelloFrame, 'ack_ms' | 'ack_bytes'> {
    const { ackMs = 50, ackBytes = 32_768 } = this.#options;
    return { ack_ms: ackMs, ack_bytes: ackBytes };
  }

  knows({ id }: ResumeRequest): boolean {
    return this.#ids.includes(id);
  }

  canResume({ received }: ResumeRequest): boolean {
    return received >= this.sent - this.#kept.length && received <= this.sent;
  }

  attach(peer: WirePeer, resume: ResumeRequest | undefined, reset?: Reset): void {
    this.#detach()?.cut();
    this.#cancelHold();
    if (resume) this.#acknowledge(resume.received);
    const { lie } = this.#options;
    const id = (lie === 'keepsId' ? this.#ids[0] : undefined) ?? randomUUID();
    this.#ids.push(id);
    this.#peer = peer;
    peer.listener = {
      onMessage: (message) => this.#onMessage(message),
      onGone: (close) => this.#onGone(close),
    };
    this.#tell({
      type: 'hello',
      version: SESSION_VERSION,
      id,
      received: this.received + (lie === 'overcounts' && resume ? 1 : 0),
      resumed: resume !== undefined,
      hold_ms: this.#options.holdMs ?? 30_000,
      ...this.#terms,
      ...(reset ? { reset } : {}),
    });
    if (lie === 'mumbles') this.#write({ kind: 'text', payload: Buffer.from([CONTROL_BYTE]) });
    const lied = lie === 'loses' && resume ? 1 : 0;
    for (const message of this.#kept.slice(lied)) this.#write(message);
    if (lie === 'repeats') for (const message of this.#kept.slice(-1)) this.#write(message);
    if (this.#pendingClose) peer.close(this.#pendingClose.code, this.#pendingClose.reason);
  }

  async send(message: MockFrame, cuts: readonly number[] = []): Promise<void> {
    const { windowBytes = 1_048_576, beyondWindow = 'wait' } = this.#options;
    // One message is always let in: it could not be acknowledged before it was sent.
    const hasRoom = (): boolean => this.#kept.length === 0 || bytesOf(this.#kept) < windowBytes;
    if (beyondWindow === 'wait')
      await this.#changes.wait(
        { probe: () => hasRoom() || undefined, what: () => 'room' },
        { deadlineMs: 60_000 },
      );
    this.sent += 1;
    this.#kept.push(message);
    if (beyondWindow === 'lose') while (!hasRoom()) this.#kept.shift();
    this.#write(message, cuts);
    await this.#peer?.drained();
  }

  ping(payload: string): void {
    this.#peer?.ping(payload);
  }

  close(code?: number, reason?: string): void {
    this.#pendingClose = { code, reason };
    this.#peer?.close(code, reason);
  }

  cut(): void {
    this.end();
  }

  end(): void {
    this.#cancelHold();
    this.#detach()?.cut();
    this.#changes.end(new Error('the session has ended'));
    this.#onEnd();
  }

  #write(message: MockFrame, cuts: readonly number[] = []): void {
    this.#peer?.write(messageBytes(message, cuts, false));
  }

  #tell(frame: ServerControl): void {
    this.#write({ kind: 'text', payload: Buffer.from(toControlFrame(frame)) });
  }

  #onMessage(message: MockFrame): void {
    // Whoever sends has seen the newest hello.
    this.#ids.splice(0, this.#ids.length - 1);
    if (message.kind === 'text' && message.payload[0] === CONTROL_BYTE) {
      const control = readControlFrame(message.payload.toString());
      if (control?.type === 'ack') this.#acknowledge(Number(control['received']));
      return;
    }
    this.received += 1;
    this.listener.onMessage?.(message);
    this.#owedAck.took(message.payload.length, this.#terms);
  }

  #acknowledge(received: number): void {
    if (received <= this.#acknowledged || received > this.sent) return;
    this.#kept = this.#kept.slice(this.#kept.length - (this.sent - received));
    this.#acknowledged = received;
    this.#changes.notify();
  }

  #detach(): WirePeer | undefined {
    const peer = this.#peer;
    this.#owedAck.forget();
    this.#peer = undefined;
    if (peer) peer.listener = {};
    return peer;
  }

  #onGone(close: PeerClose): void {
    this.#detach();
    if (!close.hasCloseFrame) {
      this.#cancelHold = after(this.#options.holdMs ?? 30_000, () => this.#over(close));
    } else {
      this.#over(close);
    }
  }

  #over(close: PeerClose): void {
    this.end();
    this.listener.onGone?.(close);
  }
}

const bytesOf = (messages: readonly MockFrame[]): number =>
  messages.reduce((sum, { payload }) => sum + payload.length, 0);
