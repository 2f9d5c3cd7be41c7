/**
 * One session under stamped traffic both ways, with cuts where wanted. Both ends are judged frame by frame. How many there
 * are, and what they come to, is the scenario's.
 */
import { createRandom, type SeededRandom } from '../support/seeded-random.ts';
import {
  createSessionClient,
  type SessionClient,
  type SessionClientOptions,
} from '../support/session-client.ts';
import type { FarEnd } from '../support/far-end.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { Changes } from '../../src/testing/changes.ts';
import { isOwnText } from './own-texts.ts';
import { CUTS, partOf, reconnect } from './cuts.ts';
import { type Stamped, StampJudge, stampedFrame, type Stream } from './stamps.ts';

export interface StampedPlan {
  readonly seed: number;
  readonly session: number;
  readonly mostBytes: number;
  /** Bytes each way after which no more is sent. */
  readonly bytesEachWay: number;
  /** Cuts at the least; traffic goes on until they are done. Infinity cuts for as long as there is traffic. */
  readonly cuts: number;
  /** Frames between two cuts, at most. */
  readonly framesBetweenCuts: number;
  readonly deadlineMs: number;
}

/** Everything that a session came to. */
export interface StampedReport {
  readonly up: StampJudge;
  readonly down: StampJudge;
  readonly violations: readonly string[];
  readonly cuts: number;
  readonly resumes: number;
  /** Sessions that the server began beside the first. */
  readonly strays: number;
}

/** Resumes that were left may still arrive, each once. */
const MOST_CUTS_AT_THE_END = 20;

export class StampedSession {
  readonly client: SessionClient;
  readonly #plan: StampedPlan;
  readonly #mode: SessionClientOptions['mode'];
  readonly #random: SeededRandom;
  readonly #changes = new Changes();
  readonly #up: StampJudge;
  readonly #down: StampJudge;
  readonly #counts = { up: 0, down: 0, cuts: 0, resumes: 0, strays: 0 };
  readonly #violations: string[] = [];
  #far: FarEnd | undefined;
  #isFarGone = false;
  #isUpDone = false;
  #isDownDone = false;
  /** All cuts are made. */
  #isDone = false;
  #order: 'reset' | 'end' | undefined;
  /** Where the cutting is, for the error of a session that hangs. */
  #doing = 'before the first cut';

  constructor(test: TestCleanup, plan: StampedPlan, options: Omit<SessionClientOptions, 'onMessage'>) {
    this.#plan = plan;
    this.#mode = options.mode;
    this.#random = createRandom(plan.seed).fork(`session ${plan.session}`);
    this.#up = new StampJudge(this.#stream('up'));
    this.#down = new StampJudge(this.#stream('down'));
    this.client = createSessionClient(test, {
      ...options,
      keepsJournals: false,
      // Small, so that acknowledgements are waited for.
      keepBytes: 262_144,
      onChange: () => this.#changes.notify(),
      deadlineMs: plan.deadlineMs,
      onMessage: (message) => this.#down.take(message),
    });
  }

  /** The provider's side has opened; the first time is the session's own. */
  opened(far: FarEnd): void {
    if (this.#far) {
      this.#counts.strays += 1;
      return;
    }
    this.#far = far;
    far.listener = {
      onMessage: (message) => {
        if (!isOwnText(message)) this.#up.take(message);
        this.#changes.notify();
      },
      onGone: () => {
        this.#isFarGone = true;
        this.#changes.notify();
      },
    };
    this.#changes.notify();
  }

  async run(): Promise<StampedReport> {
    await this.client.connect();
    const far = await this.#until(() => this.#far, 'the upstream to be dialled');
    await this.#traffic(far);
    await this.#finish();
    await this.#until(() => this.#isFarGone || undefined, 'the upstream to be left');
    await this.#until(() => this.client.connections === 0 || undefined, 'abandoned connections to end');
    this.#up.end(this.#counts.up);
    this.#down.end(this.#counts.down);
    const { cuts, resumes, strays } = this.#counts;
    const violations = [...this.#violations, ...this.client.faults, ...this.#resets()].map(
      (violation) => `session ${this.#plan.session}: ${violation}`,
    );
    return { up: this.#up, down: this.#down, violations, cuts, resumes, strays };
  }

  async #traffic(far: FarEnd): Promise<void> {
    try {
      await Promise.all([this.#sendUp(), this.#sendDown(far), this.#cutNowAndThen()]);
    } catch (error) {
      const { session } = this.#plan;
      throw new Error(`session ${session}, ${this.#doing}: ${String(error)}`, { cause: error });
    }
  }

  #resets(): string[] {
    return this.client.resets.map((reset) => `reset: ${JSON.stringify(reset)}`);
  }

  #stream(direction: Stream['direction']): Stream {
    const { seed, session, mostBytes } = this.#plan;
    return { seed, session, direction, mostBytes };
  }

  /** Nothing more is sent; everything must come, and the close must be answered. */
  async #finish(): Promise<void> {
    for (let tries = 1; this.client.state !== 'closed'; tries += 1) {
      if (tries > MOST_CUTS_AT_THE_END) throw new Error(`cut ${tries} times although nobody cut`);
      if (this.client.state === 'cut') this.#counts.resumes += await reconnect(this.client);
      await this.#arrived();
      if (this.client.state === 'open') await this.#close();
    }
  }

  /** Resolves when everything is there, or when a resume that is late has taken the session. */
  async #arrived(): Promise<void> {
    const { up, down } = this.#counts;
    const said = (): string =>
      `${up} frames up and ${down} down; ${this.#up.frames} and ${this.#down.frames} came`;
    const isOpen = (): boolean => this.client.state === 'open';
    const isHere = (): boolean => this.#up.frames >= up && this.#down.frames >= down && this.client.isSettled;
    try {
      await this.#until(() => isHere() || !isOpen() || undefined, said);
    } catch (error) {
      this.#violations.push(String(error));
    }
  }

  async #close(): Promise<void> {
    if (this.#mode === 'session') await this.client.abandonedEnded();
    void this.client.close().catch(() => undefined);
    await this.#until(() => this.client.state !== 'open' || undefined, 'the close to be answered');
  }

  async #sendUp(): Promise<void> {
    let bytes = 0;
    while (this.#mustGoOn(bytes)) {
      const stamped = this.#next('up');
      bytes += stamped.message.payload.length;
      await this.#sendOneUp(stamped);
      if (this.#random.chance(0.02)) this.client.ping(`ping ${this.#counts.up}`);
    }
    this.#isUpDone = true;
    this.#changes.notify();
  }

  async #sendOneUp({ message, cuts }: Stamped): Promise<void> {
    const order = this.#order;
    this.#order = undefined;
    if (!order) return this.client.send(message, cuts);
    await this.client.cutWhileSending(message, partOf(message, this.#random), order);
    this.#changes.notify();
  }

  async #sendDown(far: FarEnd): Promise<void> {
    let bytes = 0;
    while (this.#mustGoOn(bytes) && !this.#isFarGone) {
      const { message, cuts } = this.#next('down');
      bytes += message.payload.length;
      await far.send(message, cuts);
      if (this.#random.chance(0.02)) far.ping(`ping ${this.#counts.down}`);
    }
    this.#isDownDone = true;
    this.#changes.notify();
  }

  #next(direction: Stream['direction']): Stamped {
    return stampedFrame(this.#stream(direction), this.#counts[direction]++);
  }

  /** With a number of cuts traffic lasts until they are done, otherwise until its bytes are sent. */
  #mustGoOn(bytes: number): boolean {
    if (this.client.state === 'closed') return false;
    const { cuts, bytesEachWay } = this.#plan;
    const needsCuts = cuts !== Infinity && this.#mode === 'session' && !this.#isDone;
    return bytes < bytesEachWay || needsCuts;
  }

  async #cutNowAndThen(): Promise<void> {
    const { cuts, framesBetweenCuts } = this.#plan;
    if (this.#mode === 'plain') return;
    const isUnlimited = cuts === Infinity;
    while (isUnlimited ? !this.#isUpDone : this.#counts.cuts < cuts) {
      await this.#progress(this.#random.int(1, framesBetweenCuts));
      await this.#cutOnce();
    }
    this.#isDone = true;
    await this.#stayConnected();
  }

  /** Until all is sent. A resume that was left may come late and take the session. */
  async #stayConnected(): Promise<void> {
    const isSent = (): boolean => this.#isUpDone && this.#isDownDone;
    while (!isSent() && this.client.state !== 'closed') {
      await this.#until(() => isSent() || this.client.state !== 'open' || undefined, 'the rest to be sent');
      if (this.client.state === 'cut') this.#counts.resumes += await reconnect(this.client);
    }
  }

  /** Waits for some frames to pass either way, as long as any do. */
  async #progress(frames: number): Promise<void> {
    const passed = (): number => this.#down.frames + this.client.sent;
    const goal = passed() + frames;
    const mustWait = (): boolean => passed() < goal && !this.#isUpDone && this.client.state === 'open';
    await this.#until(() => !mustWait() || undefined, `${frames} frames to pass`);
  }

  async #cutOnce(): Promise<void> {
    this.#counts.cuts += 1;
    const name = this.#random.pick(Object.keys(CUTS));
    this.#doing = `cut ${this.#counts.cuts}, ${name}`;
    await CUTS[name]?.({
      client: this.client,
      random: this.#random,
      cutNextFrame: (how) => this.#cutNextFrame(how),
    });
    if (this.client.state === 'closed') throw new Error(`closed after a cut (${name})`);
    // Whoever has just resumed may go on, or swap again.
    if (this.client.state === 'open' && this.#random.chance(0.5) && name.startsWith('twice')) return;
    this.#doing += ', resuming';
    this.#counts.resumes += await reconnect(this.client);
    this.#doing += ', resumed';
  }

  async #cutNextFrame(how: 'reset' | 'end'): Promise<boolean> {
    this.#order = how;
    // Also a resume that is late may cut, while the next frame waits for room.
    const isOver = (): boolean => this.client.state !== 'open' || this.#isUpDone;
    await this.#until(() => isOver() || undefined, 'a frame to cut');
    const wasCut = this.#order === undefined;
    this.#order = undefined;
    return wasCut;
  }

  #until<T>(probe: () => T | undefined, what: string | (() => string)): Promise<T> {
    const said = typeof what === 'string' ? (): string => what : what;
    return this.#changes.wait({ probe, what: said }, { deadlineMs: this.#plan.deadlineMs });
  }
}
