/** What the parts of one mock upstream share: its options, what it has seen, and what it holds back. */
import type { Socket } from 'node:net';
import { after, Changes } from './changes.ts';
import type { MockUpstreamOptions } from './mock-options.ts';
import type { MockRequest } from './mock-request.ts';
import { Credentials } from './rules/credentials.ts';
import { judge, type Verdict } from './rules/judge.ts';
import type { Behaviour } from './scenarios/behaviour.ts';
import { behaviourOf } from './scenarios/index.ts';
import type { UpgradeRequest } from './upgrade-request.ts';
import { VENDORS } from './vendors/index.ts';
import type { MockVendor } from './vendors/vendor.ts';

export const HOST = '127.0.0.1';

/** Something with an end: a session, or an exchange. */
interface Running {
  readonly isOpen: boolean;
}

export class MockState {
  readonly options: MockUpstreamOptions;
  readonly vendor: MockVendor;
  readonly credentials: Credentials;
  readonly changes = new Changes();
  readonly requests: MockRequest[] = [];
  readonly violations: string[] = [];
  readonly #held = new Set<() => void>();
  behaviour: Behaviour;
  /** The port, once the mock listens. */
  port = 0;

  constructor(options: MockUpstreamOptions) {
    this.options = options;
    this.vendor = VENDORS[options.vendor];
    this.credentials = new Credentials(options);
    this.behaviour = behaviourOf(options.scenario ?? 'happyTurn');
  }

  get host(): string {
    return `${HOST}:${this.port}`;
  }

  /** True when a violation ends what it was found in. */
  get refuses(): boolean {
    return (this.options.onViolation ?? 'refuse') === 'refuse';
  }

  /** Judges a request and remembers it with its violations. Returns its number as well. */
  receive(read: UpgradeRequest, kind: MockRequest['kind']): Verdict & { readonly number: number } {
    const { auth, allow = {} } = this.options;
    const verdict = judge(read, kind, {
      vendor: this.vendor,
      credentials: this.credentials,
      host: this.host,
      auth: auth === undefined ? [] : [auth].flat(),
      headers: (allow.headers ?? []).map((name) => name.toLowerCase()),
      queryKeys: new Set(allow.queryKeys ?? []),
    });
    const number = this.requests.push(verdict.request);
    for (const problem of verdict.problems) this.violate(number, problem);
    return { ...verdict, number };
  }

  /** `number` is that of the request in which, or after which, it was found. */
  violate(number: number, problem: string): void {
    const kind = this.requests[number - 1]?.kind === 'call' ? 'call' : 'dial';
    this.violations.push(`${kind} ${number}: ${problem}`);
  }

  /** Runs `go` at the next release or after the delay, unless the socket is gone by then. */
  hold(delayMs: number, socket: Socket, go: () => void): void {
    const finish = (): void => {
      cancel();
      this.#held.delete(release);
      socket.off('close', finish);
    };
    const release = (): void => {
      finish();
      go();
      this.changes.notify();
    };
    const cancel = after(delayMs, release);
    socket.on('close', finish);
    this.#held.add(release);
  }

  release(): void {
    for (const go of [...this.#held]) go();
  }

  /** Lets a scenario do its part; one that throws is a violation. */
  async run<T extends Running>(
    number: number,
    running: T,
    part: ((running: T) => unknown) | undefined,
  ): Promise<void> {
    try {
      await part?.(running);
    } catch (error) {
      // A scenario that was waiting when its session ended has done nothing wrong.
      if (running.isOpen) this.violate(number, `the scenario failed: ${String(error)}`);
    }
  }
}
