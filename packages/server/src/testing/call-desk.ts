/** Takes the HTTP calls of a mock, collects their bodies within a bound and answers them. The server itself is node:http's. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection } from './connection.ts';
import type { HttpAnswer } from './http-answers.ts';
import { MockExchange } from './mock-exchange.ts';
import type { MockRequest } from './mock-request.ts';
import type { MockState } from './mock-state.ts';
import type { Behaviour } from './scenarios/behaviour.ts';
import { happyTurn } from './scenarios/turns.ts';
import { MAX_HEAD_BYTES, readUpgradeRequest, type UpgradeRequest } from './upgrade-request.ts';
import type { CallService } from './vendors/vendor.ts';

const DEFAULT_BODY_BYTES = 16 * 1024 * 1024;
/** The service of calls to paths that a vendor does not have, when violations are only recorded. */
const NO_SERVICE: Pick<CallService, 'answer'> = {
  answer: () => ({ status: 404, headers: [], body: '' }),
};

/** One call whose head has been judged. */
interface Call {
  readonly number: number;
  readonly connection: Connection;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly request: MockRequest;
  readonly service: CallService | undefined;
  readonly isRight: boolean;
  readonly behaviour: Behaviour;
}

export class CallDesk {
  readonly #state: MockState;
  readonly #server: Server;
  readonly #connections = new WeakMap<Duplex, Connection>();
  /** Exchanges that no one has waited for yet. */
  readonly unclaimed: MockExchange[] = [];
  readonly #running = new Set<MockExchange>();
  #arrived = 0;

  constructor(state: MockState) {
    this.#state = state;
    this.#server = createServer({ maxHeaderSize: MAX_HEAD_BYTES, keepAlive: false });
    this.#server.on('request', (incoming: IncomingMessage, response: ServerResponse) =>
      this.#onRequest(incoming, response),
    );
    this.#server.on('clientError', (_error, stream) => {
      state.violations.push('a call that is not legal HTTP');
      stream.destroy();
    });
  }

  /** Exchanges that are open now. */
  get running(): ReadonlySet<MockExchange> {
    return this.#running;
  }

  /** Takes a connection over, with what has been read of it. */
  take(connection: Connection, bytes: Buffer): void {
    this.#connections.set(connection.stream, connection);
    this.#server.emit('connection', connection.stream);
    connection.stream.unshift(bytes);
  }

  #onRequest(incoming: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(incoming.socket);
    if (!connection) return;
    // One call a connection, so that a mock without calls is a mock without connections.
    response.shouldKeepAlive = false;
    response.sendDate = false;
    const { request, service, isRight, number } = this.#state.receive(readCall(incoming), 'call');
    const isCall = service?.kind === 'call';
    const { behaviour } = this.#state;
    const rules = isCall ? service : undefined;
    const call: Call = {
      number,
      connection,
      incoming,
      response,
      request,
      service: rules,
      isRight,
      behaviour,
    };
    this.#state.changes.notify();
    if (behaviour.readsBody === false) this.#state.hold(Infinity, connection.socket, () => this.#read(call));
    else this.#read(call);
  }

  #read(call: Call): void {
    const chunks: Buffer[] = [];
    const bound = call.service?.maxBodyBytes ?? DEFAULT_BODY_BYTES;
    let bytes = 0;
    call.incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bound) chunks.push(chunk);
      else if (!call.response.headersSent) this.#reject(call, 413, 'The body is too large.');
    });
    call.incoming.on('error', () => {});
    call.incoming.on('end', () => {
      if (call.response.headersSent) return;
      const request: MockRequest = { ...call.request, body: Buffer.concat(chunks) };
      this.#state.requests[call.number - 1] = request;
      this.#judgeBody({ ...call, request });
      this.#state.changes.notify();
    });
  }

  #judgeBody(call: Call): void {
    const { credentials, refuses } = this.#state;
    const text = call.request.body.toString('latin1');
    const foreign = credentials.foreignIn(text);
    const problem =
      foreign === undefined ? call.service?.judgeBody?.(call.request) : `${foreign} in the body`;
    if (problem !== undefined && call.isRight) this.#state.violate(call.number, problem);
    const found = this.#state.violations.filter((one) => one.startsWith(`call ${call.number}: `));
    if (!call.isRight) this.#reject(call, 401, 'Invalid credentials.');
    else if (found.length > 0 && refuses) this.#reject(call, 400, `mock violation: ${found.join('; ')}`);
    else this.#answer(call);
  }

  #answer(call: Call): void {
    const { request, behaviour, response, connection } = call;
    const { vendor, options } = this.#state;
    const answer = behaviour.answer?.({ request, secret: options.secret, vendor });
    if (answer?.kind === 'hold')
      this.#state.hold(answer.delayMs, connection.socket, () => this.#respond(call));
    else if (answer?.kind === 'http') sendAnswer(response, answer.answer);
    else if (answer?.kind === 'bytes') connection.stream.end(answer.bytes);
    else if (answer?.kind !== 'silence') this.#respond(call);
  }

  #respond(call: Call): void {
    const { number, request, behaviour, service = NO_SERVICE } = call;
    const { options, vendor, credentials, host } = this.#state;
    const id = ++this.#arrived;
    const isSecure = options.tls !== undefined;
    const issue = (prefix: string): string => credentials.issue(prefix);
    const exchange = new MockExchange({
      id,
      request,
      secret: options.secret,
      script: {
        answer: (turn) => service.answer({ id, request, turn, host, isSecure, issue }),
        errorAnswer: (status, message) => vendor.errorAnswer(status, message),
      },
      incoming: call.incoming,
      response: call.response,
      socket: call.connection.socket,
    });
    this.unclaimed.push(exchange);
    this.#running.add(exchange);
    void exchange.closed.then(() => this.#running.delete(exchange));
    this.#state.changes.notify();
    void this.#state.run(number, exchange, behaviour.respond ?? happyTurn({}).respond);
  }

  #reject(call: Call, status: number, message: string): void {
    sendAnswer(call.response, this.#state.vendor.errorAnswer(status, message));
  }
}

function sendAnswer(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  const length = ['Content-Length', String(Buffer.byteLength(body))];
  response.writeHead(status, 'Mock', [...headers.flat(), ...length]);
  response.end(body);
}

/** The request as it stood on the wire. */
function readCall({ method, url, httpVersion, rawHeaders }: IncomingMessage): UpgradeRequest {
  const lines = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : [],
  );
  return readUpgradeRequest([`${method} ${url} HTTP/${httpVersion}`, ...lines].join('\r\n'));
}
