/** Transcription by upload: one audio file, passed on to the operator's service as it comes, and the transcript back. */
import { randomUUID } from 'node:crypto';
import { firstValue, type QueryPair } from '../contract/index.ts';
import { ProxyError } from '../errors.ts';
import type { HttpReply } from '../upstream/http-call.ts';
import { badRequest, detailShape } from './fault.ts';
import type { Exchange, HttpRoute, Reply } from './http-route.ts';
import { readFormFile, type FormFile } from './multipart-file.ts';
import { readTranscript, type Transcript } from './transcript.ts';
import { ASR_KEY_SLOT, resolveUpload, type AsrUploadOptions, type UploadSettings } from './upload-options.ts';
import { upstreamFault } from './upstream-fault.ts';

const FIELD = 'file';
/** What a form is longer than its file. */
const FORM_BYTES = 65_536;
const IDLE_MS = 10_000;
const LONGEST_ANSWER = 1_048_576;

/** What a client may say of its audio, and may not. */
const SOURCE = /^[A-Za-z0-9._-]{1,64}$/;
const LANGUAGE = /^[A-Za-z]{2,8}(?:[_-][A-Za-z0-9]{2,8}){0,2}$/;
const AUDIO = /^(?:(?:audio|video)\/[a-z0-9.+-]{1,64}|application\/octet-stream)$/;
const ENDING = /\.([A-Za-z0-9]{1,8})$/;

/**
 * A route to spread into `routes`: `POST /api/v1/asr/transcribe`.
 * @throws ConfigError when the address is missing, or an option cannot work.
 */
export function asrUpload(options: AsrUploadOptions): Record<string, HttpRoute> {
  const settings = resolveUpload(options);
  const { maxFileBytes, requestsPerWindow: max, windowMs } = settings.numbers;
  const message = `Maximum ${max} requests per ${windowMs / 1000} seconds`;
  return {
    '/api/v1/asr/transcribe': {
      kind: 'http',
      title: 'ASR',
      keys: settings.keys,
      method: 'POST',
      body: { kind: 'multipart', maxBytes: maxFileBytes + FORM_BYTES },
      rate: { max, windowMs, message },
      isCounted: true,
      faults: detailShape,
      answer: (exchange) => transcribe(settings, exchange),
    },
  };
}

async function transcribe(settings: UploadSettings, exchange: Exchange): Promise<Reply> {
  const { source, lang } = readWishes(exchange.query);
  const rules = {
    field: FIELD,
    maxBytes: settings.numbers.maxFileBytes,
    idleMs: IDLE_MS,
    totalMs: settings.numbers.uploadTimeoutMs,
    sha256: exchange.bodySha256,
    signal: exchange.signal,
  };
  const file = await readFormFile(exchange.request, rules, exchange.clock);
  try {
    if (!AUDIO.test(file.type)) throw badRequest('The file must be audio.');
    const reply = await pass(settings, exchange, file, toSearch({ source, lang }));
    const transcript = await readTranscript(settings, reply);
    noteUsage(exchange, file, transcript);
    return { status: 200, body: transcript };
  } finally {
    file.leave();
  }
}

interface Wishes {
  readonly source: string | undefined;
  readonly lang: string | undefined;
}

/** @throws HttpFault for values that are none. */
function readWishes(query: readonly QueryPair[]): Wishes {
  const source = firstValue(query, 'source');
  const lang = firstValue(query, 'lang');
  if (source !== undefined && !SOURCE.test(source)) throw badRequest('The source is not a name.');
  // What old clients mean by `auto` is said by leaving it out.
  if (lang === undefined || lang === '' || lang === 'auto') return { source, lang: undefined };
  if (!LANGUAGE.test(lang)) throw badRequest('The lang is not a language, such as eng_Latn.');
  return { source, lang };
}

function toSearch(wishes: Wishes): string {
  const given = Object.entries(wishes).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

async function pass(
  { url, keys, numbers }: UploadSettings,
  { call, signal, bodySha256 }: Exchange,
  file: FormFile,
  search: string,
): Promise<HttpReply> {
  const boundary = `voxproxy-${randomUUID()}`;
  const reply = await call({
    url,
    search,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, accept: 'application/json' },
    auth: keys && { slot: ASR_KEY_SLOT, keys },
    body: toForm(boundary, file),
    needsWholeBody: bodySha256 !== undefined,
    limits: {
      answerMs: numbers.timeoutMs,
      idleMs: numbers.timeoutMs,
      totalMs: numbers.uploadTimeoutMs + numbers.timeoutMs,
      maxBytes: LONGEST_ANSWER,
    },
    signal,
  });
  if (reply.status === 200 && reply.type === 'application/json') return reply;
  reply.discard();
  if (reply.status !== 200) throw upstreamFault(reply.status, reply.retryAfter);
  throw new ProxyError('UpstreamUnavailable', 'the answer is not JSON');
}

/** A form of our own making; of the client's names only the ending of the file's is kept. */
async function* toForm(boundary: string, file: FormFile): AsyncGenerator<Buffer> {
  const name = `audio${ENDING.exec(file.name)?.[0] ?? ''}`;
  const disposition = `Content-Disposition: form-data; name="${FIELD}"; filename="${name}"`;
  yield Buffer.from(`--${boundary}\r\n${disposition}\r\nContent-Type: ${file.type}\r\n\r\n`);
  yield* file.chunks;
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

function noteUsage(exchange: Exchange, file: FormFile, { duration_s, inference_s }: Transcript): void {
  exchange.note({
    audioBytes: file.bytes,
    ...(typeof duration_s === 'number' ? { durationS: duration_s } : {}),
    ...(typeof inference_s === 'number' ? { inferenceS: inference_s } : {}),
  });
}
