/** A provider's answer on its way to the client: as it comes, without the key, and with no header that is not allowed. */
import type { ApiCall, HttpApi } from '../upstream/http-api.ts';
import type { HttpReply } from '../upstream/http-call.ts';
import { createKeyGuard } from '../upstream/policy/key-guard.ts';
import type { Confidential } from '../upstream/secret.ts';
import { ProxyError } from '../errors.ts';
import { createUsageReader } from './answer-usage.ts';
import { HttpFault, rowFault } from './fault.ts';
import type { Exchange } from './http-route.ts';
import { isOneOf } from './media-match.ts';
import { writeInTime } from './room.ts';
import { toWaitMs } from './upstream-fault.ts';

/** Those that come with a body. */
const SUCCESSES = [200, 201, 202];
/** Longest error that is passed on, in bytes. */
const LONGEST_ERROR = 16_384;
/** A path as providers name things: no host, no query, nothing to be decoded. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9._-]{1,128}){1,16}$/;

export interface Passing {
  readonly api: HttpApi;
  readonly call: ApiCall;
  /** What may stand in no answer. */
  readonly keys: Confidential;
}

/** Writes the answer, chunk by chunk. Rejects with an HttpFault or a ProxyError for one that may not pass. */
export async function passAnswer(passing: Passing, exchange: Exchange, reply: HttpReply): Promise<void> {
  const { status } = reply;
  if (status === 401 || status === 403) {
    reply.discard();
    throw new ProxyError('UpstreamAuth', `the upstream answered ${status}`);
  }
  if (status >= 400 && status <= 599) return passError(passing, exchange, reply);
  if (!SUCCESSES.includes(status) || !isOneOf(passing.call.answers, reply.type)) {
    reply.discard();
    throw new ProxyError('UpstreamUnavailable', `the upstream answered ${status} with another type`);
  }
  const { response, clock, signal } = exchange;
  response.writeHead(status, {
    ...OWN_HEADERS,
    'Content-Type': safeType(passing, reply),
    ...passedAnswerHeaders(passing, reply),
  });
  response.flushHeaders();
  const usage = createUsageReader(passing.call.usage, reply.type);
  for await (const chunk of withoutKey(passing.keys, reply.body)) {
    // At once: an answer that nobody waits for any more is paid all the same.
    if (usage?.push(chunk) === true) exchange.note(usage.told());
    await writeInTime(response, chunk, clock, signal);
  }
  if (usage) exchange.note(usage.told());
  response.end();
}

const OWN_HEADERS = {
  // Nobody on the way compresses, and so collects, what should come at once.
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
};

/** The whole header, which may name a charset or a rate, unless it tells of the key. */
function safeType({ keys }: Passing, reply: HttpReply): string {
  const whole = reply.header('content-type') ?? '';
  return keys.isToldBy(whole) ? reply.type : whole;
}

function passedAnswerHeaders({ api, keys }: Passing, reply: HttpReply): Record<string, string> {
  const entries = (api.answerHeaders ?? []).flatMap((name) => {
    const value = reply.header(name);
    const shown = value !== undefined && name === 'location' ? pathOf(value) : value;
    return shown === undefined || keys.isToldBy(shown) ? [] : [[name, shown] as const];
  });
  return Object.fromEntries(entries);
}

/** Where something was made, without the host, which is the provider's. */
export function pathOf(location: string): string | undefined {
  if (!URL.canParse(location, 'https://upstream.invalid')) return undefined;
  const { pathname } = new URL(location, 'https://upstream.invalid');
  return PLAIN_PATH.test(pathname) ? pathname : undefined;
}

/** The key is ASCII, so that it is found among the bytes of any text, and of what is no text, without decoding either. */
export async function* withoutKey(keys: Confidential, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const filter = keys.createFilter();
  for await (const chunk of chunks) {
    const text = filter.push(chunk.toString('latin1'));
    if (text !== '') yield Buffer.from(text, 'latin1');
  }
  const rest = filter.end();
  if (rest !== '') yield Buffer.from(rest, 'latin1');
}

/** The provider's own words, where they are JSON and tell nothing of the key; otherwise ours. */
async function passError(passing: Passing, exchange: Exchange, reply: HttpReply): Promise<void> {
  const { status } = reply;
  const retryAfterMs = toWaitMs(reply.retryAfter);
  const said = reply.type === 'application/json' ? await readError(reply) : undefined;
  reply.discard();
  const shown = said && createKeyGuard([passing.keys], true)(said);
  const why = `the upstream answered ${status}`;
  if (shown === undefined)
    throw new HttpFault({ ...rowFault('UpstreamUnavailable', why, retryAfterMs), status });
  exchange.note({ upstreamStatus: status });
  exchange.response.writeHead(status, {
    ...OWN_HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(shown),
    ...(retryAfterMs === undefined ? {} : { 'Retry-After': String(retryAfterMs / 1000) }),
    ...passedAnswerHeaders(passing, reply),
  });
  exchange.response.end(shown);
}

/** Undefined for one that is too long, is no JSON or breaks off. */
async function readError(reply: HttpReply): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of reply.body) {
      bytes += chunk.length;
      if (bytes > LONGEST_ERROR) return undefined;
      chunks.push(chunk);
    }
  } catch (error) {
    // Its status and its wait are known all the same.
    if (error instanceof ProxyError) return undefined;
    throw error;
  }
  const whole = Buffer.concat(chunks);
  return isJson(whole.toString()) ? whole : undefined;
}

function isJson(text: string): boolean {
  try {
    return JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}
