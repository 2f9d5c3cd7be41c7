/**
 * The server of a mock upstream: takes connections and leads upgrades to one desk and calls to the other. Which requests
 * are right is left to rules/, what is answered to vendors/ and scenarios/.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { CallDesk } from './call-desk.ts';
import type { WaitOptions } from './changes.ts';
import { Connection } from './connection.ts';
import type { MockExchange } from './mock-exchange.ts';
import type { MockUpstreamOptions } from './mock-options.ts';
import type { MockRequest } from './mock-request.ts';
import type { MockSession } from './mock-session.ts';
import { HOST, MockState } from './mock-state.ts';
import type { MockOf } from './mock-upstream.ts';
import { behaviourOf, type ScenarioChoice } from './scenarios/index.ts';
import { UpgradeDesk } from './upgrade-desk.ts';
import type { VendorName } from './vendors/index.ts';

export class MockServer implements MockOf<VendorName> {
  readonly #state: MockState;
  readonly #upgrades: UpgradeDesk;
  readonly #calls: CallDesk;
  readonly #connections = new Set<Connection>();
  readonly #secureContext: SecureContext | undefined;
  readonly #server: Server;

  constructor(options: MockUpstreamOptions) {
    this.#state = new MockState(options);
    this.#upgrades = new UpgradeDesk(this.#state);
    this.#calls = new CallDesk(this.#state);
    this.#secureContext = options.tls && createSecureContext(options.tls);
    // Without half-open sockets Node would end this side whenever the peer ends its own.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#onSocket(socket));
  }

  async listen(): Promise<void> {
    this.#server.listen(0, HOST);
    await once(this.#server, 'listening');
    this.#state.port = (this.#server.address() as AddressInfo).port;
  }

  get port(): number {
    return this.#state.port;
  }

  get url(): string {
    return `${this.#schemeOf('call')}://${this.#state.host}`;
  }

  get urls(): Readonly<Record<string, string>> {
    const services = Object.entries(this.#state.vendor.services);
    return Object.fromEntries(
      services.map(([name, { kind, path }]) => [
        name,
        `${this.#schemeOf(kind)}://${this.#state.host}${path}`,
      ]),
    );
  }

  get requests(): readonly MockRequest[] {
    return this.#state.requests;
  }

  get violations(): readonly string[] {
    return this.#state.violations;
  }

  get dials(): number {
    return this.requests.length;
  }

  get connections(): number {
    return this.#connections.size;
  }

  get sessions(): number {
    return [...this.#connections].filter((connection) => connection.session).length;
  }

  get exchanges(): number {
    return this.#calls.running.size;
  }

  waitForSession(options?: WaitOptions): Promise<MockSession> {
    return this.#state.changes.wait(
      { probe: () => this.#upgrades.unclaimed.shift(), what: () => 'a session to open' },
      options,
    );
  }

  waitForExchange(options?: WaitOptions): Promise<MockExchange> {
    return this.#state.changes.wait(
      { probe: () => this.#calls.unclaimed.shift(), what: () => 'a call to answer' },
      options,
    );
  }

  waitForDial(count: number, options?: WaitOptions): Promise<MockRequest> {
    const what = (): string => `dial ${count}; ${this.dials} came`;
    return this.#state.changes.wait({ probe: () => this.requests[count - 1], what }, options);
  }

  async waitForIdle(options?: WaitOptions): Promise<void> {
    const probe = (): true | undefined => this.connections === 0 || undefined;
    await this.#state.changes.wait({ probe, what: () => `${this.connections} connections to end` }, options);
  }

  release(): void {
    this.#state.release();
    for (const { session } of this.#connections) session?.release();
    for (const exchange of this.#calls.running) exchange.release();
  }

  setScenario(scenario: ScenarioChoice): void {
    this.#state.behaviour = behaviourOf(scenario);
  }

  issue(prefix = ''): string {
    return this.#state.credentials.issue(prefix);
  }

  expectNoViolations(): void {
    const { violations } = this;
    if (violations.length === 0) return;
    throw new Error(`the mock upstream saw ${violations.length} violations:\n- ${violations.join('\n- ')}`);
  }

  async close(): Promise<void> {
    this.#state.changes.end(new Error('the mock upstream is closed'));
    if (!this.#server.listening) return;
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
    await once(this.#server, 'close');
  }

  #schemeOf(kind: MockRequest['kind']): string {
    return `${kind === 'call' ? 'http' : 'ws'}${this.#secureContext ? 's' : ''}`;
  }

  #onSocket(socket: Socket): void {
    const connection = new Connection(socket, this.#secureContext, {
      onUpgrade: (from, request) => this.#upgrades.onRequest(from, request),
      onCall: (from, bytes) => this.#calls.take(from, bytes),
      onEarlyBytes: ({ dial }) => this.#state.violate(dial, 'bytes before the upgrade was answered'),
      onGone: (gone) => {
        this.#connections.delete(gone);
        this.#state.changes.notify();
      },
    });
    this.#connections.add(connection);
    this.#state.changes.notify();
  }
}
