/** One session: its states and its one way out. It opens no socket, reads no header and parses no frame. */
import type { Clock } from '../clock.ts';
import { ABNORMAL_CLOSURE, CLOSE_ROWS, errorFrameOf, toErrorFrame } from '../contract/index.ts';
import type { CloseName, Dialect } from '../contract/index.ts';
import type { Leg } from '../leg/leg.ts';
import { closeForClient, closeForUpstream, type ClosePlan, type EndCause } from '../relay/end-cause.ts';
import { startRelay, type Relay, type Side, type Traffic } from '../relay/relay.ts';
import { startDeadlines, type DeadlineLimits, type Deadlines } from './deadlines.ts';

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
  /** Makes an upstream's close reason readable for a client. */
  redact(reason: string): string;
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
  readonly signal: AbortSignal;
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
  readonly #startedAtMs: number;
  #relay: Relay | undefined;
  readonly #clock: Clock;
  readonly #plan: SessionPlan;
  readonly #ended = new AbortController();
  readonly #open = new Map<Side, Leg>();
  #deadlines: Deadlines | undefined;
  #cause: EndCause | undefined;
  #cancelCloseTimer: () => void = () => undefined;

  constructor(clock: Clock, plan: SessionPlan) {
    this.#clock = clock;
    this.#plan = plan;
    this.id = plan.id;
    this.#startedAtMs = clock.now();
  }

  get cause(): EndCause | undefined {
    return this.#cause;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  open(legs: { client: Leg; upstream: Leg }): void {
    if (this.#cause) {
      legs.client.terminate();
      legs.upstream.terminate();
      return;
    }
    this.#open.set('client', legs.client).set('upstream', legs.upstream);
    const relay = startRelay(legs, {
      onClose: (by, close) => this.end({ by, close }),
      onGone: (side) => this.#onLegGone(side),
      onStall: (side, isStalled) => this.#deadlines?.stalled(side, isStalled),
    });
    this.#relay = relay;
    // Listening may already have told of a leg's end.
    if (this.signal.aborted) return;
    this.#deadlines = startDeadlines(this.#clock, this.#plan.limits, {
      frames: () => relay.up.frames + relay.down.frames,
      clientSigns: () => relay.clientSigns,
      pingClient: () => legs.client.ping(),
      expiresAtMs: this.#plan.endsAtMs,
      onDeadline: (name) => this.end({ by: 'proxy', name }),
      onSilence: () => legs.client.terminate(),
    });
  }

  end(cause: EndCause): void {
    if (this.#cause) return;
    this.#cause = cause;
    this.#deadlines?.stop();
    this.#ended.abort();
    const { redact } = this.#plan;
    // A leg whose peer has ended has answered by itself.
    if (cause.by !== 'client') this.#close('client', closeForClient(cause, redact));
    if (cause.by !== 'upstream') this.#close('upstream', closeForUpstream(cause, redact));
    if (this.#open.size === 0) this.#plan.onEnded(this, cause);
    else this.#cancelCloseTimer = this.#clock.after(this.#plan.limits.closeMs, () => this.terminate());
  }

  terminate(): void {
    this.end({ by: 'proxy', name: 'Internal' });
    for (const leg of this.#open.values()) leg.terminate();
  }

  usage(): SessionUsage {
    return {
      durationMs: this.#clock.now() - this.#startedAtMs,
      up: this.#relay?.up ?? NO_TRAFFIC,
      down: this.#relay?.down ?? NO_TRAFFIC,
    };
  }

  #onLegGone(side: Side): void {
    this.#open.delete(side);
    if (this.#open.size > 0 || !this.#cause) return;
    this.#cancelCloseTimer();
    this.#plan.onEnded(this, this.#cause);
  }

  #close(side: Side, plan: ClosePlan): void {
    const leg = this.#open.get(side);
    if (!leg) return;
    if (side === 'client' && plan.name) this.#tell(leg, plan.name, plan.retryAfterMs);
    leg.close(plan.code, plan.reason);
  }

  /** A page reads why before the close; ends that are no failure need no words. */
  #tell(client: Leg, name: CloseName, retryAfterMs: number | undefined): void {
    if (CLOSE_ROWS[name].retry === 'never' && CLOSE_ROWS[name].httpStatus === 0) return;
    const frame = errorFrameOf(name, {
      sessionId: this.id,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
    client.send(toErrorFrame(this.#plan.dialect, frame), 'text');
  }
}

/** The cause of a session whose client left before its legs were open. */
export const CLIENT_LEFT: EndCause = { by: 'client', close: { code: ABNORMAL_CLOSURE, reason: '' } };
