/**
 * A mock of the vendor's agent and listen services: takes connections, holds their handshakes against the rules and
 * hands open sessions to a scenario. What a scenario does, and what a session can do, is left to their own files.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createSecureContext } from 'node:tls';
import { CLOSE_ROWS, isSubprotocol } from '../contract/index.ts';
import { after, Changes, type WaitOptions } from './changes.ts';
import { Connection } from './connection.ts';
import { firstFrameProblem } from './first-frame.ts';
import { handshakeViolations, offeredSecret, SERVICE_PATHS, serviceOf } from './handshake-rules.ts';
import { vendorError } from './http-answers.ts';
import { checkSecret, type MockDeepgramOptions } from './mock-options.ts';
import { MockSession } from './mock-session.ts';
import type { MockUpstream } from './mock-upstream.ts';
import type { Behaviour, Play } from './scenarios/behaviour.ts';
import { behaviourOf, type ScenarioChoice } from './scenarios/index.ts';
import { errorMessage } from './scenarios/vendor-messages.ts';
import type { UpgradeRequest } from './upgrade-request.ts';

const HOST = '127.0.0.1';

/** Listens on a free loopback port. Rejects with a TypeError for a secret or a scenario that cannot work. */
export async function startMockDeepgram(options: MockDeepgramOptions): Promise<MockUpstream> {
  checkSecret(options.secret, isSubprotocol);
  const mock = new MockDeepgram(options);
  await mock.listen();
  return mock;
}

/** One dial: a connection whose request has been read. */
interface Dial {
  readonly connection: Connection;
  readonly request: UpgradeRequest;
  readonly behaviour: Behaviour;
}

class MockDeepgram implements MockUpstream {
  readonly requests: UpgradeRequest[] = [];
  readonly violations: string[] = [];
  readonly #options: MockDeepgramOptions;
  readonly #changes = new Changes();
  readonly #connections = new Set<Connection>();
  readonly #unclaimed: MockSession[] = [];
  readonly #held = new Set<() => void>();
  readonly #server: Server;
  #behaviour: Behaviour;
  #opened = 0;

  constructor(options: MockDeepgramOptions) {
    this.#options = options;
    this.#behaviour = behaviourOf(options.scenario ?? 'happyTurn');
    const secureContext = options.tls && createSecureContext(options.tls);
    // Without half-open sockets Node would end this side whenever the peer ends its own.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      const connection = new Connection(socket, secureContext, {
        onRequest: (from, request) => this.#onRequest(from, request),
        onEarlyBytes: ({ dial }) => this.#violate(dial, 'bytes before the upgrade was answered'),
        onGone: (gone) => {
          this.#connections.delete(gone);
          this.#changes.notify();
        },
      });
      this.#connections.add(connection);
      this.#changes.notify();
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(0, HOST);
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  get agentUrl(): string {
    return this.#urlOf(SERVICE_PATHS.agent);
  }

  get listenUrl(): string {
    return this.#urlOf(SERVICE_PATHS.listen);
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

  waitForSession(options?: WaitOptions): Promise<MockSession> {
    return this.#changes.wait(
      { probe: () => this.#unclaimed.shift(), what: () => 'a session to open' },
      options,
    );
  }

  waitForDial(count: number, options?: WaitOptions): Promise<UpgradeRequest> {
    const what = (): string => `dial ${count}; ${this.dials} came`;
    return this.#changes.wait({ probe: () => this.requests[count - 1], what }, options);
  }

  async waitForIdle(options?: WaitOptions): Promise<void> {
    const probe = (): true | undefined => this.connections === 0 || undefined;
    await this.#changes.wait({ probe, what: () => `${this.connections} connections to end` }, options);
  }

  release(): void {
    for (const open of [...this.#held]) open();
    for (const { session } of this.#connections) session?.resumeReading();
  }

  setScenario(scenario: ScenarioChoice): void {
    this.#behaviour = behaviourOf(scenario);
  }

  expectNoViolations(): void {
    if (this.violations.length === 0) return;
    throw new Error(
      `the mock upstream saw ${this.violations.length} violations:\n- ${this.violations.join('\n- ')}`,
    );
  }

  async close(): Promise<void> {
    this.#changes.end(new Error('the mock upstream is closed'));
    if (!this.#server.listening) return;
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
    await once(this.#server, 'close');
  }

  #urlOf(path: string): string {
    return `${this.#options.tls ? 'wss' : 'ws'}://${HOST}:${this.port}${path}`;
  }

  #violate(dial: number, problem: string): void {
    this.violations.push(`dial ${dial}: ${problem}`);
  }

  #onRequest(connection: Connection, request: UpgradeRequest): void {
    this.requests.push(request);
    connection.dial = this.dials;
    const problems = this.#judge(request);
    for (const problem of problems) this.#violate(connection.dial, problem);
    if (offeredSecret(request, this.#auth) !== this.#options.secret) {
      connection.reject(vendorError(401, 'INVALID_AUTH', 'Invalid credentials.'));
    } else if (problems.length > 0 && this.#refuses) {
      connection.reject(vendorError(400, 'MOCK_VIOLATION', problems.join('; ')));
    } else {
      this.#answer({ connection, request, behaviour: this.#behaviour });
    }
    this.#changes.notify();
  }

  get #auth(): 'subprotocol' | 'header' {
    return this.#options.auth ?? 'subprotocol';
  }

  get #refuses(): boolean {
    return (this.#options.onViolation ?? 'refuse') === 'refuse';
  }

  #judge(request: UpgradeRequest): string[] {
    const { headers = [], queryKeys = [] } = this.#options.allow ?? {};
    return handshakeViolations(request, {
      auth: this.#auth,
      host: `${HOST}:${this.port}`,
      headers: new Set(headers.map((name) => name.toLowerCase())),
      queryKeys: new Set(queryKeys),
    });
  }

  #answer(dial: Dial): void {
    const { connection, request, behaviour } = dial;
    const offered = request.subprotocols.includes('token') ? 'token' : undefined;
    const answer = behaviour.answer?.({ request, secret: this.#options.secret });
    if (!answer) this.#open(dial, offered);
    else if (answer.kind === 'accept') this.#open(dial, answer.subprotocol);
    else if (answer.kind === 'hold') this.#hold(answer.delayMs, connection, () => this.#open(dial, offered));
    else if (answer.kind === 'http') connection.reject(answer.answer);
    else if (answer.kind === 'bytes') connection.reject(answer.bytes);
  }

  #hold(delayMs: number, connection: Connection, open: () => void): void {
    const finish = (): void => {
      cancel();
      this.#held.delete(release);
      connection.socket.off('close', finish);
    };
    const release = (): void => {
      finish();
      open();
      this.#changes.notify();
    };
    const cancel = after(delayMs, release);
    connection.socket.on('close', finish);
    this.#held.add(release);
  }

  #open({ connection, request, behaviour }: Dial, subprotocol: string | undefined): void {
    if (connection.isGone) return;
    const service = serviceOf(request.path) ?? 'agent';
    const isFree = behaviour.judgesFirstFrame === false || this.#options.allow?.anyFirstFrame === true;
    const session = new MockSession({
      id: ++this.#opened,
      service,
      request,
      secret: this.#options.secret,
      stream: connection.stream,
      socket: connection.socket,
      answersClose: behaviour.answersClose ?? true,
      onViolation: (problem) => this.#onFrameViolation(connection.dial, session, problem),
      judgeFirst: (frame) => (isFree ? undefined : firstFrameProblem(service, frame)),
    });
    this.#unclaimed.push(session);
    connection.accept(session, subprotocol, () => void this.#play(connection.dial, session, behaviour.play));
  }

  async #play(dial: number, session: MockSession, play: Play | undefined): Promise<void> {
    try {
      await play?.(session);
    } catch (error) {
      // A scenario that was waiting when its session ended has done nothing wrong.
      if (session.isOpen) this.#violate(dial, `the scenario failed: ${String(error)}`);
    }
  }

  #onFrameViolation(dial: number, session: MockSession, problem: string): void {
    this.#violate(dial, problem);
    if (!this.#refuses) return;
    session.send(errorMessage('UNPARSABLE_CLIENT_MESSAGE', problem));
    session.close(CLOSE_ROWS.BadRequest.code, 'mock violation');
  }
}
