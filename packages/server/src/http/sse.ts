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
/** An event ends with an empty line; lines end in any of three ways. */
const END_OF_EVENT = /\r\n\r\n|\n\n|\r\r/;

/** Rejects with a ProxyError for an event that is too long, and as `chunks` does. What is not whole at the end is dropped. */
export async function* readEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<ServerEvent> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for await (const chunk of chunks) {
    text += decoder.write(chunk);
    for (let end = END_OF_EVENT.exec(text); end; end = END_OF_EVENT.exec(text)) {
      const event = toEvent(text.slice(0, end.index));
      text = text.slice(end.index + end[0].length);
      if (event) yield event;
    }
    if (text.length > LONGEST_EVENT)
      throw new ProxyError('UpstreamUnavailable', 'request failed: an event that is too long');
  }
}

/** Undefined for one without data, such as a comment that keeps a connection alive. */
function toEvent(text: string): ServerEvent | undefined {
  const fields = text.split(/\r\n|\n|\r/).map((line) => {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
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
