/**
 * One HTTP request from its head to its line in the log: let in by the gate, its body read, answered by its route. Whatever fails
 * is told in the shape of the route's clients, and whatever was waited for ends when the client leaves.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientAddressOf } from '../auth/client-address.ts';
import { ProxyError } from '../errors.ts';
import type { RequestLog } from '../observability/request-log.ts';
import type { KeyedCall } from '../upstream/keyed-call.ts';
import { createConnections, type Connections } from './connections.ts';
import { HttpFault, rowFault, toFault, tooLarge } from './fault.ts';
import { createGate, type Gate, type GateParts, type Visitor } from './gate.ts';
import type { Exchange, HttpRoute } from './http-route.ts';
import { readJsonBody } from './json-body.ts';
import { closeGently, letFinish } from './linger.ts';
import { startRecord, type RequestRecord } from './request-record.ts';
import { respondFault, respondJson } from './respond.ts';
import { createRunning, type Running } from './running.ts';
import { watch } from './watch.ts';

export interface HttpPlaneParts extends GateParts {
  /** Proxies in front that tell the client's address. */
  readonly trustedProxies: number;
  /** Time for a JSON body, in milliseconds. */
  readonly bodyMs: number;
  readonly call: KeyedCall;
  readonly log: RequestLog;
  isDraining(): boolean;
}

/** A route and how it was found. */
export interface FoundRoute {
  readonly route: HttpRoute;
  /** The path with its variables unfilled, for the log. */
  readonly path: string;
  /** What the client's path says for them. */
  readonly values: Readonly<Record<string, string>>;
}

export interface HttpPlane {
  serve(found: FoundRoute, request: IncomingMessage, response: ServerResponse): void;
  /** Resolves when no request is left, or when the grace is over and the rest was stopped. */
  drain(graceMs: number): Promise<void>;
  /** Stops what is under way. Resolves when clients that listen have been told. */
  close(): Promise<void>;
}

/** A request, its id and what may stop it. */
interface Visit extends Visitor {
  readonly id: string;
  readonly values: Readonly<Record<string, string>>;
  readonly record: RequestRecord;
}

interface Plane extends HttpPlaneParts {
  readonly gate: Gate;
  readonly running: Running;
  readonly connections: Connections;
}

export function createHttpPlane(parts: HttpPlaneParts): HttpPlane {
  const [gate, running] = [createGate(parts), createRunning(parts.clock)];
  const plane: Plane = { ...parts, gate, running, connections: createConnections() };
  return {
    drain: running.drain,
    close: running.stop,
    serve({ route, path, values }, request, response) {
      const id = randomUUID();
      response.setHeader('X-Request-Id', id);
      closeGently(request, response);
      const address = clientAddressOf(request, parts.trustedProxies);
      const record = startRecord(parts.clock, { id, route: path, address }, request);
      const signal = watch(plane, request, response, record);
      const visit = { id, request, response, route, values, address, record, signal };
      answer(plane, visit)
        .catch((error: unknown) => refuse(plane, visit, error))
        .catch((error: unknown) => {
          parts.log.failed(id, error);
          response.destroy();
        });
    },
  };
}

async function answer(plane: Plane, visit: Visit): Promise<void> {
  const { request, response, route, record } = visit;
  const entered = await plane.gate(visit);
  if (!entered) {
    response.writeHead(204).end();
    return;
  }
  record.note({ principal: entered.principal.id });
  if (plane.isDraining()) throw new HttpFault(rowFault('Draining', 'draining'));
  const { bodySha256: sha256 } = entered;
  const { body: rules } = route;
  const { id, address, signal, values } = visit;
  const { clock, call, bodyMs: timeMs } = plane;
  if (rules) checkDeclaredLength(request, rules.maxBytes);
  const body =
    rules?.kind === 'json'
      ? await readJsonBody(request, { maxBytes: rules.maxBytes, timeMs, sha256, signal }, clock)
      : {};
  const exchange: Exchange = {
    ...{ id, request, response, address, signal, values, clock, call, ...entered, body },
    note: (usage) => record.note({ usage }),
  };
  const reply = await route.answer(exchange);
  if (reply) respondJson(response, reply.status, reply.body);
  // A provider may have answered before all of the body had come.
  letFinish(request, clock);
}

function checkDeclaredLength({ headers }: IncomingMessage, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

function refuse({ log, clock }: Plane, visit: Visit, error: unknown): void {
  const { id, response, request, route, record, signal } = visit;
  const fault = toFault(signal.aborted ? signal.reason : error);
  record.note({ why: fault.why, ...(response.headersSent ? { status: fault.status } : {}) });
  const unexpected = unexpectedIn(error);
  if (unexpected !== undefined && !signal.aborted) log.failed(id, unexpected);
  if (response.headersSent) breakOff(request, response);
  else {
    // First, since Node would drop the rest of a request that is answered before anybody reads it, and tell nobody.
    letFinish(request, clock);
    respondFault(response, fault, route.faults);
  }
}

/** Without chunks the end of a connection is the end of an answer, unless it is reset (RFC 9112 8). */
function breakOff({ httpVersion, socket }: IncomingMessage, response: ServerResponse): void {
  // TLS has its own word for an end, though not every client looks; a socket of this machine alone, or none at all, has no reset.
  const isTcp = socket.remoteAddress !== undefined && !('encrypted' in socket);
  if (httpVersion === '1.0' && isTcp) socket.resetAndDestroy();
  else response.destroy();
}

/** A bug, or what the application's check of tokens threw; undefined for what belongs to the normal course. */
function unexpectedIn(error: unknown): unknown {
  if (error instanceof HttpFault) return undefined;
  return error instanceof ProxyError ? error.cause : (error ?? 'nothing');
}
