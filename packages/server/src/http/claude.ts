/** Claude over HTTP: a free question, analytics queries held by the server, and the state of the caller's limit. */
import { ProxyError } from '../errors.ts';
import { askClaude, readMessage, streamMessage, type MessageEnd, type Piece } from './claude-message.ts';
import { resolveClaude, type ClaudeOptions, type ClaudeSettings } from './claude-options.ts';
import { openEventStream } from './event-stream.ts';
import { plainShape, toFault, type FaultShape } from './fault.ts';
import type { Answering, Exchange, HttpRoute, RateRule } from './http-route.ts';
import { readAnalytics, readQuestion, type Prompt, type ReadPrompt } from './query.ts';

/**
 * Routes to spread into `routes`: `POST /api/query`, `POST /api/analytics-query` and `GET /api/rate-limit-status`.
 * @throws ConfigError when the key or the model is missing, or another option cannot work.
 */
export function claude(options: ClaudeOptions): Record<string, HttpRoute> {
  const settings = resolveClaude(options);
  const rate = toRate(settings);
  const asking = (readPrompt: ReadPrompt): HttpRoute => ({
    kind: 'http',
    title: 'Claude',
    keys: settings.keys,
    method: 'POST',
    body: { kind: 'json', maxBytes: settings.numbers.maxBodyBytes },
    rate,
    isCounted: true,
    faults: claudeShape,
    answer: toAnswering(settings, readPrompt),
  });
  return {
    '/api/query': asking(readQuestion),
    '/api/analytics-query': asking(readAnalytics),
    '/api/rate-limit-status': {
      ...{ kind: 'http', title: 'Claude', method: 'GET', rate, isCounted: false, faults: claudeShape },
      answer: (exchange) => Promise.resolve({ status: 200, body: toState(rate, exchange) }),
    },
  };
}

function toRate({ numbers }: ClaudeSettings): RateRule {
  const { requestsPerWindow: max, windowMs } = numbers;
  return { max, windowMs, message: `Maximum ${max} requests per ${windowMs / 1000} seconds` };
}

function toState({ max, windowMs }: RateRule, { rate, address }: Exchange): object {
  return {
    requests_used: rate.used,
    requests_remaining: rate.remaining,
    max_requests: max,
    window_seconds: windowMs / 1000,
    client_ip: address,
  };
}

/** What failed at the provider has one name for the clients of the old system. */
const claudeShape: FaultShape = (fault) =>
  plainShape(fault.error.startsWith('upstream_') ? { ...fault, error: 'Claude API error' } : fault);

function toAnswering(settings: ClaudeSettings, readPrompt: ReadPrompt): Answering {
  return async (exchange) => {
    const read = readPrompt(settings, exchange.body);
    const prompt = { ...read, isStreamed: read.isStreamed || wantsEvents(exchange) };
    const reply = await askClaude(settings, exchange, prompt);
    if (prompt.isStreamed) {
      await pass(exchange, prompt, streamMessage(settings, reply));
      return undefined;
    }
    const { answer, usage, model } = await readMessage(settings, reply);
    noteUsage(exchange, { usage, model });
    return { status: 200, body: { answer, ...prompt.echo, usage, ...modelField(prompt, model) } };
  };
}

function wantsEvents({ request }: Exchange): boolean {
  const accepted = (request.headers.accept ?? '').toLowerCase().split(',');
  return accepted.some((type) => type.split(';', 1)[0]?.trim() === 'text/event-stream');
}

/** The old system names the model in answers to free questions only. */
function modelField({ echo }: Prompt, model: string): object {
  return 'query_type' in echo ? {} : { model };
}

function noteUsage(exchange: Exchange, { usage, model }: MessageEnd): void {
  exchange.note({ inputTokens: usage.input_tokens, outputTokens: usage.output_tokens, model });
}

/** Words as `delta` events, then one `done`; or one `error` where the answer breaks off. */
async function pass(exchange: Exchange, prompt: Prompt, pieces: AsyncIterable<Piece>): Promise<void> {
  const stream = openEventStream(exchange.response, exchange.clock);
  try {
    for await (const piece of pieces) {
      if ('end' in piece) await stream.send('done', endOf(exchange, prompt, piece.end));
      else if (piece.text !== '') await stream.send('delta', { text: piece.text });
    }
  } catch (error) {
    const fault = toFault(exchange.signal.aborted ? exchange.signal.reason : error);
    if (!(error instanceof ProxyError) || error.closeName === 'Stalled') throw error;
    exchange.note({ why: fault.why });
    await stream.send('error', claudeShape(fault));
  }
  stream.end();
}

function endOf(exchange: Exchange, prompt: Prompt, end: MessageEnd): object {
  noteUsage(exchange, end);
  return { ...prompt.echo, usage: end.usage, ...modelField(prompt, end.model) };
}
