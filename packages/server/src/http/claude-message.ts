/** One request to the Messages API, and what comes back: whole, or word by word. The key is looked for in every word. */
import { ProxyError } from '../errors.ts';
import { CLAUDE_KEY_SLOT, CLAUDE_VERSION_HEADER } from '../upstream/presets/claude.ts';
import type { HttpReply } from '../upstream/http-call.ts';
import { MODEL_ID, type ClaudeSettings } from './claude-options.ts';
import type { Exchange } from './http-route.ts';
import type { Prompt } from './query.ts';
import { readText } from './reply-text.ts';
import { readEvents } from './sse.ts';
import { upstreamFault } from './upstream-fault.ts';

export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
}

export interface Message {
  readonly answer: string;
  readonly usage: Usage;
  readonly model: string;
}

/** What a streamed answer ends with. */
export type MessageEnd = Omit<Message, 'answer'>;
export type Piece = { readonly text: string } | { readonly end: MessageEnd };

const IDLE_MS = 30_000;
/** Longest time of a streamed answer. */
const LONGEST_STREAM_MS = 600_000;

/** Resolves once the API has begun to answer. Rejects with an HttpFault or a ProxyError when it refuses. */
export async function askClaude(
  settings: ClaudeSettings,
  exchange: Exchange,
  prompt: Prompt,
): Promise<HttpReply> {
  const { numbers, keys, url, apiVersion, system } = settings;
  const { isStreamed: stream, model, maxTokens: max_tokens, temperature, text } = prompt;
  const messages = [{ role: 'user', content: text }];
  const reply = await exchange.call({
    url,
    headers: { 'content-type': 'application/json', [CLAUDE_VERSION_HEADER]: apiVersion },
    auth: { slot: CLAUDE_KEY_SLOT, keys },
    body: Buffer.from(JSON.stringify({ model, max_tokens, temperature, system, messages, stream })),
    limits: {
      answerMs: numbers.timeoutMs,
      idleMs: IDLE_MS,
      totalMs: stream ? LONGEST_STREAM_MS : numbers.timeoutMs,
      maxBytes: numbers.maxAnswerBytes,
    },
    signal: exchange.signal,
  });
  const expected = stream ? 'text/event-stream' : 'application/json';
  if (reply.status === 200 && reply.type === expected) return reply;
  reply.discard();
  throw reply.status === 200 ? malformed() : upstreamFault(reply.status, reply.retryAfter);
}

/** Rejects with a ProxyError for what is no answer of the API. */
export async function readMessage(settings: ClaudeSettings, reply: HttpReply): Promise<Message> {
  const message = parse(await readText(reply));
  const content: unknown = message['content'];
  if (!Array.isArray(content)) throw malformed();
  const text = content.map((block) => textOf(block)).join('');
  const filter = settings.keys.createFilter();
  return {
    answer: filter.push(text) + filter.end(),
    usage: usageOf(message['usage']),
    model: modelOf(message['model'], settings),
  };
}

/** Words as they come, then how it ended. Rejects with a ProxyError when it breaks off. */
export async function* streamMessage(settings: ClaudeSettings, reply: HttpReply): AsyncGenerator<Piece> {
  const filter = settings.keys.createFilter();
  let end: MessageEnd = { usage: usageOf(undefined), model: settings.model };
  for await (const { data } of readEvents(reply.body)) {
    const event = parse(data);
    if (event['type'] === 'message_stop') {
      yield { text: filter.end() };
      yield { end };
      return;
    }
    if (event['type'] === 'error') throw new ProxyError('UpstreamUnavailable', 'the upstream sent an error');
    end = joinEnd(settings, end, event);
    yield { text: filter.push(textOf(event['delta'])) };
  }
  throw new ProxyError('UpstreamUnavailable', 'the answer broke off');
}

/** The first event tells the model and what was read, the last but one what was written. */
function joinEnd(
  settings: ClaudeSettings,
  { usage, model }: MessageEnd,
  event: Readonly<Record<string, unknown>>,
): MessageEnd {
  const message = objectOf(event['message']);
  const told = { ...objectOf(message['usage']), ...objectOf(event['usage']) };
  const name = 'model' in message ? modelOf(message['model'], settings) : model;
  return { model: name, usage: usageOf({ ...usage, ...told }) };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(text) as unknown);
  } catch {
    throw malformed();
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(block: unknown): string {
  const text = objectOf(block)['text'];
  return typeof text === 'string' ? text : '';
}

function usageOf(usage: unknown): Usage {
  const { input_tokens: input, output_tokens: output } = objectOf(usage);
  return { input_tokens: countOf(input), output_tokens: countOf(output) };
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

/** The API's own word for the model, where it looks like one and not like the key. */
function modelOf(told: unknown, { model, keys }: ClaudeSettings): string {
  const isModel = typeof told === 'string' && MODEL_ID.test(told) && !keys.isToldBy(told);
  return isModel ? told : model;
}

function malformed(): ProxyError {
  return new ProxyError('UpstreamUnavailable', 'the answer is not one of the API');
}
