/** What a test holds in its hands: a running mock upstream. */
import type { WaitOptions } from './changes.ts';
import type { MockExchange } from './mock-exchange.ts';
import type { MockRequest } from './mock-request.ts';
import type { MockSession } from './mock-session.ts';
import type { ScenarioChoice } from './scenarios/index.ts';
import type { VendorName, VendorServices } from './vendors/index.ts';

/** A running mock of one vendor. */
export interface MockOf<Vendor extends VendorName> {
  /** Where the mock listens, `http://127.0.0.1:<port>`, or `https:` with TLS: the base of all its addresses. */
  readonly url: string;
  /** Where each service is: `ws:` or `http:` with its path, `wss:` or `https:` with TLS. */
  readonly urls: Readonly<Record<VendorServices[Vendor], string>>;
  readonly port: number;
  /** Requests seen since the start, however they were answered: upgrades and calls. */
  readonly dials: number;
  /** Sessions that are open now. */
  readonly sessions: number;
  /** Calls that are being answered now. */
  readonly exchanges: number;
  /** Connections that are open now, those without an answered upgrade included. */
  readonly connections: number;
  /** Every request, in order. */
  readonly requests: readonly MockRequest[];
  /** Everything that the vendor does not document, in words, each with the number of its request. Holds no values. */
  readonly violations: readonly string[];
  /** The next session that no earlier call has returned; also one that has opened, or ended, before the call. */
  waitForSession(options?: WaitOptions): Promise<MockSession>;
  /** The next call that no earlier one has returned, once its body is there and an answer is due. */
  waitForExchange(options?: WaitOptions): Promise<MockExchange>;
  /** The request with this number, counting from 1. The body of a call may not have come yet. */
  waitForDial(count: number, options?: WaitOptions): Promise<MockRequest>;
  /** Resolves when no connection is open. */
  waitForIdle(options?: WaitOptions): Promise<void>;
  /** Answers what `slowOpen` holds, goes on where `stalls` has stopped, and reads again. */
  release(): void;
  /** What is done from the next request on. Throws a TypeError for an unknown name. */
  setScenario(scenario: ScenarioChoice): void;
  /** Makes a short-lived credential that the mock takes where the vendor takes such. */
  issue(prefix?: string): string;
  /** Throws an Error that lists the violations, if there are any. */
  expectNoViolations(): void;
  /** Ends every connection, timer and wait. Safe to call twice. */
  close(): Promise<void>;
}

/** A running mock of Deepgram, with short names for two of its addresses. */
export interface MockUpstream extends MockOf<'deepgram'> {
  /** Where the agent service is dialled: `ws://127.0.0.1:<port>/v1/agent/converse`, `wss:` with TLS. */
  readonly agentUrl: string;
  /** Where the listen service is dialled: `ws://127.0.0.1:<port>/v1/listen`, `wss:` with TLS. */
  readonly listenUrl: string;
}
