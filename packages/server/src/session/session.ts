/** One session: its states and its one way out. It opens no socket, reads no header and parses no frame. */
import type { Clock } from '../clock.ts';
import {
  ABNORMAL_CLOSURE,
  CLOSE_ROWS,
  NORMAL_CLOSURE,
  errorFrameOf,
  toErrorFrame,
} from '../contract/index.ts';
import type { Dialect } from '../contract/index.ts';
import type { Leg, LegClose } from '../leg/leg.ts';
import { closeForClient, closeForUpstream, type ClosePlan, type EndCause } from '../relay/end-cause.ts';
import type { DirectionRules } from '../relay/judge.ts';
import { Relay, type RelayListener, type Side, type Traffic } from '../relay/relay.ts';
import { Stop, type StopSignal } from '../stop-signal.ts';
import { startDeadlines, type DeadlineLimits, type Deadlines } from './deadlines.ts';
import { startKeepalive } from './keepalive.ts';
import { ACK_BYTES, Resumable, type ResumablePlan } from './resumable.ts';
import { vendorCodeOf } from './vendor-close.ts';
import { isVendorLimit, type VendorPlan } from './vendor-plan.ts';

export interface SessionLimits extends DeadlineLimits {
  /** Time for both legs to finish their closing handshakes, in milliseconds; then they are destroyed. */
  readonly closeMs: number;
}

export interface SessionPlan {
  readonly id: string;
  readonly dialect: Dialect;
  readonly limits: SessionLimits;
  /** When the session must end because its proof runs out; undefined when it may outlive it. */
  readonly endsAtMs: number | undefined;
  /** What is judged of the messages of either direction. */
  readonly up?: DirectionRules | undefined;
  readonly down?: DirectionRules | undefined;
  /** Set when the client asked for session mode. */
  readonly resumable?: ResumablePlan | undefined;
  /** What its provider's habits ask for. */
  readonly vendor?: VendorPlan | undefined;
  /** Makes an upstream's close reason readable for a client. */
  redact(reason: string): string;
  /** A judge of messages failed. */
  onFailed(error: unknown): void;
  /** Called once, when both legs are gone. */
  onEnded(session: Session, cause: EndCause): void;
}

export interface SessionUsage {
  readonly durationMs: number;
  readonly up: Readonly<Traffic>;
  readonly down: Readonly<Traffic>;
}

const NO_TRAFFIC: Readonly<Traffic> = { frames: 0, bytes: 0 };

export interface Session {
  readonly id: string;
  /** Why it ended; undefined while it runs. */
  readonly cause: EndCause | undefined;
  /** Aborts when the session ends; the dial listens to it. */
  readonly signal: StopSignal;
  /** Joins the legs. When the session has already ended, both are destroyed instead. */
  open(legs: { client: Leg; upstream: Leg }): void;
  /** The only way out; later calls do nothing. Without legs the session is over at once. */
  end(cause: EndCause): void;
  /** Ends at once and without ceremony. */
  terminate(): void;
  /** What has passed so far, and for how long. */
  usage(): SessionUsage;
}

export function createSession(clock: Clock, plan: SessionPlan): Session {
  return new OneSession(clock, plan);
}

class OneSession implements Session {
  readonly id: string;
  readonly signal = new Stop();
  readonly #startedAtMs: number;
  readonly #clock: Clock;
  readonly #plan: SessionPlan;
  readonly #open = new Map<Side, Leg>();
  #relay: Relay | undefined;
  #resumable: Resumable | undefined;
  #deadlines: Deadlines | undefined;
  #stopKeepalive: () => void = () => undefined;
  #cause: EndCause | undefined;
  /** Why it will end once a client that is away has come back for the rest. */
  #pendingCause: EndCause | undefined;
  #cancelCloseTimer: () => void = () => undefined;

  constructor(clock: Clock, plan: SessionPlan) {
    this.#clock = clock;
    this.#plan = plan;
    this.id = plan.id;
    this.#startedAtMs = clock.elapsed();
  }

  get cause(): EndCause | undefined {
    return this.#cause;
  }

  open(legs: { client: Leg; upstream: Leg }): void {
    if (this.#cause) {
      legs.client.terminate();
      legs.upstream.terminate();
      return;
    }
    this.#open.set('client', legs.client).set('upstream', legs.upstream);
    const { up, down, resumable } = this.#plan;
    const relay = new Relay(legs, this.#relayListener(), {
      up,
      down,
      resumable: resumable && {
        windowBytes: resumable.limits.windowBytes,
        pool: resumable.pool,
        ackBytes: ACK_BYTES,
      },
    });
    this.#relay = relay;
    if (resumable) this.#greet(resumable, relay, legs.client);
    this.#deadlines = this.#startDeadlines(relay);
    this.#stopKeepalive = this.#startKeepalive(relay);
    relay.start();
  }

  end(cause: EndCause): void {
    if (this.#cause) return;
    this.#cause = cause;
    this.#deadlines?.stop();
    this.#stopKeepalive();
    this.#resumable?.stop(isLost(cause));
    this.signal.abort();
    this.#relay?.end({
      client: this.#farewell(closeForClient(cause, this.#plan.redact), cause.by),
      upstream: { ...closeForUpstream(cause, this.#plan.redact), text: this.#lastTextFor(cause) },
    });
    if (this.#open.size === 0) this.#plan.onEnded(this, cause);
    else this.#terminateLater();
  }

  terminate(): void {
    this.end({ by: 'proxy', name: 'Internal' });
    for (const leg of this.#open.values()) leg.terminate();
  }

  usage(): SessionUsage {
    return {
      durationMs: this.#clock.elapsed() - this.#startedAtMs,
      up: this.#relay?.up ?? NO_TRAFFIC,
      down: this.#relay?.down ?? NO_TRAFFIC,
    };
  }

  #relayListener(): RelayListener {
    return {
      onClose: (side, close) => this.#onClose(side, close),
      onGone: (side) => this.#onLegGone(side),
      onStall: (side, isStalled) => this.#deadlines?.stalled(side, isStalled),
      onControl: (text) => this.#resumable?.onControl(text),
      onOwed: () => this.#resumable?.acknowledge(),
      onJudged: (name, error) => {
        if (error !== undefined && !this.#cause) this.#plan.onFailed(error);
        this.end({ by: 'proxy', name });
      },
    };
  }

  #startDeadlines(relay: Relay): Deadlines {
    return startDeadlines(this.#clock, this.#plan.limits, {
      traffic: () => relay.up.frames + relay.up.bytes + relay.down.frames + relay.down.bytes,
      clientSigns: () => relay.clientSigns,
      fromClient: () => relay.up.bytes,
      isClientUnread: () => relay.isClientUnread,
      openMessage: () => relay.openMessage,
      backlog: (side) => relay.backlog(side),
      pingClient: () => relay.pingClient(),
      expiresAtMs: this.#plan.endsAtMs,
      onDeadline: (name) => this.end(this.#pendingCause ?? { by: 'proxy', name }),
      onSilence: () => this.#open.get('client')?.terminate(),
    });
  }

  #startKeepalive(relay: Relay): () => void {
    const keepalive = this.#plan.vendor?.keepalive;
    if (!keepalive) return () => undefined;
    return startKeepalive(this.#clock, keepalive, {
      sentUp: () => relay.up.frames + relay.up.bytes,
      hasBegun: () => relay.up.frames > 0,
      isWaiting: () => relay.isClientUnread,
      send: (text) => relay.keepUpstreamAwake(text),
    });
  }

  /** Before the first frame of the upstream, so that the client knows what it counts. */
  #greet(plan: ResumablePlan, relay: Relay, client: Leg): void {
    const resumable = new Resumable(this.#clock, plan, relay, {
      onReturning: (leg, endsAtMs) => {
        this.#open.set('client', leg);
        this.#deadlines?.expireAt(endsAtMs);
      },
      onReturned: () => {
        if (this.#pendingCause) this.end(this.#pendingCause);
      },
      onGivenUp: () => this.end(this.#pendingCause ?? CLIENT_LEFT),
      onBreach: (name, why) => this.end({ by: 'proxy', name, why }),
    });
    this.#resumable = resumable;
    client.send(resumable.greeting(false));
  }

  #onClose(by: Side, close: LegClose): void {
    if (this.#cause) return;
    const cause = this.#causeOf(by, close);
    if (by === 'client' && isLost(cause) && this.#resumable?.hold()) {
      this.#open.delete('client');
    } else if (by === 'upstream' && this.#relay?.isDetached) {
      this.#pendingCause = cause;
      this.#relay.finish('upstream', closeForUpstream(cause, this.#plan.redact));
      this.#terminateLater();
    } else {
      this.end(cause);
    }
  }

  #causeOf(by: Side, close: LegClose): EndCause {
    const { vendor } = this.#plan;
    const ageMs = this.#clock.elapsed() - this.#startedAtMs;
    return vendor && by === 'upstream' && isVendorLimit(vendor, close, ageMs)
      ? { by: 'proxy', name: 'SessionLimit', why: 'the longest session of the provider' }
      : { by, close };
  }

  #onLegGone(side: Side): void {
    this.#open.delete(side);
    if (this.#open.size > 0) return;
    this.#cancelCloseTimer();
    if (this.#cause) this.#plan.onEnded(this, this.#cause);
  }

  #terminateLater(): void {
    this.#cancelCloseTimer();
    this.#cancelCloseTimer = this.#clock.after(this.#plan.limits.closeMs, () => {
      for (const leg of this.#open.values()) leg.terminate();
    });
  }

  /** A page reads why before the close; ends that are no failure need no words. */
  #farewell(plan: ClosePlan, by: EndCause['by']): ClosePlan & { text?: string } {
    const { retryAfterMs } = plan;
    const ending = this.#plan.vendor?.ending;
    const isOwed = ending?.hasEnded === false;
    // Whoever waits for a last message would not take the provider's close for one.
    const name = plan.name ?? (isOwed && by === 'upstream' ? 'UpstreamUnavailable' : undefined);
    if (!name || ending?.hasEnded === true) return plan;
    if (CLOSE_ROWS[name].code === NORMAL_CLOSURE && !isOwed) return plan;
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    const frame = errorFrameOf(name, { sessionId: this.id, ...wait });
    const code = plan.name && vendorCodeOf(this.#plan.vendor?.closeCodes, name);
    const text = toErrorFrame(this.#plan.dialect, frame);
    return { ...plan, ...(code === undefined ? {} : { code }), text };
  }

  /** A page that closes says its own last words, and a provider that has closed needs none. */
  #lastTextFor(cause: EndCause): string | undefined {
    const isUnsaid = cause.by === 'proxy' || isLost(cause) || (cause.by === 'client' && cause.close.fault);
    return isUnsaid ? this.#plan.vendor?.lastText : undefined;
  }
}

/** The cause of a session whose client left before its legs were open, or did not come back. */
export const CLIENT_LEFT: EndCause = { by: 'client', close: { code: ABNORMAL_CLOSURE, reason: '' } };

/** True when the client's connection ended without a word. */
function isLost(cause: EndCause): boolean {
  return cause.by === 'client' && cause.close.code === ABNORMAL_CLOSURE && !cause.close.fault;
}
