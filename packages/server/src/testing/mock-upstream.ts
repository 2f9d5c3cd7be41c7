/** What a test holds in its hands: a running mock upstream. */
import type { WaitOptions } from './changes.ts';
import type { MockSession } from './mock-session.ts';
import type { ScenarioChoice } from './scenarios/index.ts';
import type { UpgradeRequest } from './upgrade-request.ts';

export interface MockUpstream {
  /** Where the agent service is dialled: `ws://127.0.0.1:<port>/v1/agent/converse`, `wss:` with TLS. */
  readonly agentUrl: string;
  /** Where the listen service is dialled: `ws://127.0.0.1:<port>/v1/listen`, `wss:` with TLS. */
  readonly listenUrl: string;
  readonly port: number;
  /** Upgrade requests seen since the start, however they were answered. */
  readonly dials: number;
  /** Sessions that are open now. */
  readonly sessions: number;
  /** Connections that are open now, those without an answered upgrade included. */
  readonly connections: number;
  /** Every upgrade request, in order. */
  readonly requests: readonly UpgradeRequest[];
  /** Everything that the vendor does not document, in words, each with the number of its dial. Holds no values. */
  readonly violations: readonly string[];
  /** The next session that no earlier call has returned; also one that has opened, or ended, before the call. */
  waitForSession(options?: WaitOptions): Promise<MockSession>;
  /** The upgrade request with this number, counting from 1. */
  waitForDial(count: number, options?: WaitOptions): Promise<UpgradeRequest>;
  /** Resolves when no connection is open. */
  waitForIdle(options?: WaitOptions): Promise<void>;
  /** Answers the upgrades that `slowOpen` holds, and lets every session read again. */
  release(): void;
  /** What sessions do from the next upgrade on. Throws a TypeError for an unknown name. */
  setScenario(scenario: ScenarioChoice): void;
  /** Throws an Error that lists the violations, if there are any. */
  expectNoViolations(): void;
  /** Ends every connection, timer and wait. Safe to call twice. */
  close(): Promise<void>;
}
