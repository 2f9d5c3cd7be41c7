/**
 * One request to a provider's HTTP API: the connector's socket (allowed addresses, certificate checked), the key in its header, no
 * redirects, a limit on everything that is waited for or taken in. What an answer means is left to who asked.
 */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { socketsHeard, type Clock } from '../clock.ts';
import { fillSlot, type Slot } from '../contract/index.ts';
import { ProxyError } from '../errors.ts';
import type { Connector } from './connector.ts';
import type { Secret } from './secret.ts';

export interface HttpCall {
  /** `https:`, or `http:` on loopback; checked when the route was made. */
  readonly url: Secret;
  /** Default `POST`. */
  readonly method?: 'GET' | 'POST' | undefined;
  /** Added to the URL as they stand, one after the other: nothing in them may lead to another host or path. */
  readonly path?: string | undefined;
  readonly search?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly auth?: { readonly slot: Extract<Slot, { in: 'header' }>; readonly secret: Secret } | undefined;
  /** A stream is passed on as it comes; when it rejects, the call does with the same reason. */
  readonly body?: Buffer | AsyncIterable<Buffer> | undefined;
  /** Whether a good answer before the end of the body is none: what has been sent may turn out not to be what it should. Default false. */
  readonly needsWholeBody?: boolean | undefined;
  readonly limits: CallLimits;
  readonly signal: AbortSignal;
}

/** In milliseconds and bytes. */
export interface CallLimits {
  /** From the end of the request to the head of the answer. */
  readonly answerMs: number;
  /** Without a byte of the answer, or without taking one of the request. */
  readonly idleMs: number;
  /** For all of it, from the first word to the last. */
  readonly totalMs: number;
  /** Longest answer. */
  readonly maxBytes: number;
}

export interface HttpReply {
  readonly status: number;
  /** The media type alone, in lower case. */
  readonly type: string;
  readonly retryAfter: string | undefined;
  /** A header by its lower-case name; values of one that stands there more than once are joined. */
  header(name: string): string | undefined;
  /** Rejects with a ProxyError when it is too long, stalls or breaks off. Leaving it ends the connection. */
  readonly body: AsyncIterable<Buffer>;
  /** Ends the connection without reading the body. */
  discard(): void;
}

/** Rejects with a ProxyError; nothing is then left of the connection. */
export type CallUpstream = (call: HttpCall) => Promise<HttpReply>;

const FIRST_ERROR = 400;
/** Time for a name, a connection and its encryption. */
const CONNECT_MS = 10_000;

export function createCallUpstream(clock: Clock, connector: Connector): CallUpstream {
  return async (call) => {
    call.signal.throwIfAborted();
    const line = openLine(clock, connector, call);
    try {
      const early = await Promise.race([sendAll(line, call), line.answer]);
      if (call.needsWholeBody === true && (early?.statusCode ?? FIRST_ERROR) < FIRST_ERROR)
        throw unavailable('an answer before the end of the request');
      const message = early ?? (await line.within(call.limits.answerMs, line.answer));
      return toReply(line, message, call.limits);
    } catch (error) {
      line.fail(error);
      throw toProxyError(line.failure);
    }
  };
}

/** One connection with its request, and why it failed. */
interface Line {
  readonly request: ClientRequest;
  readonly answer: Promise<IncomingMessage>;
  readonly failure: unknown;
  /** Ends the connection; the first reason counts. */
  fail(error: unknown): void;
  /** What is waited for fails with the line. */
  within<T>(ms: number, wait: Promise<T>): Promise<T>;
}

function openLine(clock: Clock, connector: Connector, call: HttpCall): Line {
  const request = openRequest(connector, call);
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    request.destroy();
  };
  const onAbort = (): void => fail(cancelled());
  call.signal.addEventListener('abort', onAbort);
  const cancelTotal = clock.after(call.limits.totalMs, () => fail(tooLate()));
  request.on('error', fail);
  request.once('close', () => {
    cancelTotal();
    call.signal.removeEventListener('abort', onAbort);
  });
  return {
    request,
    answer: headOf(request),
    get failure() {
      return failure;
    },
    fail,
    async within(ms, wait) {
      const cancel = clock.after(ms, () => fail(tooLate()));
      return wait.finally(cancel);
    },
  };
}

/** @throws ProxyError when the address in the URL may not be dialled. */
function openRequest(connector: Connector, call: HttpCall): ClientRequest {
  const { url: secretUrl, method = 'POST', path = '', search = '', headers, auth, body } = call;
  const url = new URL(secretUrl.reveal() + path + search);
  const length = Buffer.isBuffer(body) ? { 'content-length': String(body.length) } : {};
  const key = auth ? { [auth.slot.name]: fillSlot(auth.slot.format, auth.secret.reveal()) } : {};
  return httpRequest({
    method,
    host: url.hostname,
    path: url.pathname + url.search,
    headers: { host: url.host, 'accept-encoding': 'identity', ...headers, ...length, ...key },
    // A connection serves one request: nothing of one caller can be met by another.
    createConnection: () => connector.connect(toSocketUrl(url)),
  });
}

/** The connector knows the two schemes of sockets. */
function toSocketUrl({ protocol, host }: URL): URL {
  return new URL(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}`);
}

function headOf(request: ClientRequest): Promise<IncomingMessage> {
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    // Nothing is upgraded here, whatever the other side says.
    request.once('upgrade', (_, socket) => {
      // It is no longer the request's, which could not end it.
      socket.on('error', () => undefined).destroy();
      reject(unavailable('an answer that switches protocols'));
    });
    request.once('error', reject);
    request.once('close', () => reject(unavailable('closed without an answer')));
  });
  answer.catch(() => undefined);
  return answer;
}

/** Resolves when all is sent. */
async function sendAll(line: Line, { body, limits }: HttpCall): Promise<undefined> {
  const { request } = line;
  await line.within(CONNECT_MS, connected(request));
  if (body === undefined || Buffer.isBuffer(body)) {
    request.end(body);
    return;
  }
  for await (const chunk of body) {
    // To write where the other side has closed would lose an answer that has come and was not read yet.
    await socketsHeard();
    if (request.destroyed) throw closed();
    if (!request.write(chunk)) await line.within(limits.idleMs, drained(request));
  }
  request.end();
}

function connected(request: ClientRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    request.once('close', () => reject(closed()));
    request.once('socket', (socket) => {
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => resolve());
    });
  });
}

function drained(request: ClientRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(closed());
    request.once('close', onClose);
    request.once('drain', () => {
      request.off('close', onClose);
      resolve();
    });
  });
}

function toReply(line: Line, message: IncomingMessage, limits: CallLimits): HttpReply {
  message.on('error', () => undefined);
  const { headers } = message;
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw unavailable('an encoded answer');
  return {
    status: message.statusCode ?? 0,
    type: (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
    retryAfter: headers['retry-after'],
    header: (name) => headers[name]?.toString(),
    body: readBody(line, message, limits),
    discard: () => line.request.destroy(),
  };
}

async function* readBody(
  line: Line,
  message: IncomingMessage,
  { idleMs, maxBytes }: CallLimits,
): AsyncGenerator<Buffer> {
  const chunks = message[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let bytes = 0;
  try {
    for (;;) {
      const { value, done } = await line.within(idleMs, chunks.next());
      if (done === true) break;
      bytes += value.length;
      if (bytes > maxBytes) throw unavailable('an answer that is too long');
      yield value;
    }
    if (!message.complete) throw closed();
  } catch (error) {
    line.fail(error);
    throw toProxyError(line.failure);
  } finally {
    line.request.destroy();
  }
}

/** Only an error's code is kept: its text can hold the host or the address. */
function toProxyError(error: unknown): unknown {
  if (error instanceof ProxyError || !(error instanceof Error) || !('code' in error)) return error;
  return unavailable(String(error.code));
}

function unavailable(why: string): ProxyError {
  return new ProxyError('UpstreamUnavailable', `request failed: ${why}`);
}

function closed(): ProxyError {
  return unavailable('the connection was closed');
}

function tooLate(): ProxyError {
  return new ProxyError('UpstreamTimeout', 'no answer in time');
}

function cancelled(): ProxyError {
  return new ProxyError('Internal', 'nobody waits for the answer any more');
}
