/** Server-sent events, read and written (HTML, 9.2). */
import { StringDecoder } from 'node:string_decoder';
import { ProxyError } from '../errors.ts';

export interface ServerEvent {
  /** `message` where the event names none. */
  readonly event: string;
  readonly data: string;
}

/** Longest event, in characters; the limit of the whole answer is the caller's. */
const LONGEST_EVENT = 1_048_576;
/** An event ends with an empty line; lines end in any of three ways, not all in the same. */
const END_OF_EVENT = /(?:\r\n|\n|\r(?!\n)){2}/g;
const BYTE_ORDER_MARK = '\uFEFF';
/** So much of an end may have come with the chunk before. */
const LONGEST_START_OF_END = 3;

/** The events that each chunk completes. @throws ProxyError for one that is too long. */
export function createEventReader(): (chunk: Buffer) => ServerEvent[] {
  const decoder = new StringDecoder('utf8');
  let text = '';
  let isFirst = true;
  return (chunk) => {
    const events: ServerEvent[] = [];
    let from = Math.max(0, text.length - LONGEST_START_OF_END);
    let start = 0;
    text += decoder.write(chunk);
    if (isFirst && text !== '') {
      isFirst = false;
      if (text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
    }
    for (let end = endFrom(text, from); end; end = endFrom(text, from)) {
      const event = toEvent(text.slice(start, end.index));
      start = from = end.index + end[0].length;
      if (event) events.push(event);
    }
    text = text.slice(start);
    if (text.length > LONGEST_EVENT)
      throw new ProxyError('UpstreamUnavailable', 'request failed: an event that is too long');
    return events;
  };
}

function endFrom(text: string, from: number): RegExpExecArray | null {
  END_OF_EVENT.lastIndex = from;
  return END_OF_EVENT.exec(text);
}

/** Rejects with a ProxyError for an event that is too long, and as `chunks` does. What is not whole at the end is dropped. */
export async function* readEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<ServerEvent> {
  const read = createEventReader();
  for await (const chunk of chunks) yield* read(chunk);
}

/** Undefined for one without data, such as a comment that keeps a connection alive. */
function toEvent(text: string): ServerEvent | undefined {
  const fields = text.split(/\r\n|\n|\r/).map((line) => {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    return { name, value };
  });
  const valuesOf = (wanted: string): string[] =>
    fields.filter(({ name }) => name === wanted).map(({ value }) => value);
  const data = valuesOf('data');
  return data.length === 0
    ? undefined
    : { event: valuesOf('event').at(-1) ?? 'message', data: data.join('\n') };
}

export function formatEvent(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
