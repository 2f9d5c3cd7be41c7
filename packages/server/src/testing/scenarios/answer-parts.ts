/** Cuts the answer to a call into the parts in which scenarios send it. */
import { lengthOf, type MockExchange, partsOf } from '../mock-exchange.ts';
import type { CallAnswer, Payload } from '../vendors/vendor.ts';

/** Sends the head of an answer, with the length of the whole body unless it is streamed. */
export function beginAnswer(exchange: MockExchange, { status, headers, body }: CallAnswer): void {
  const length = Array.isArray(body) ? [] : [lengthOf(partsOf(body))];
  exchange.start(status, [...headers, ...length]);
}

/**
 * The same for an answer that will break off. It announces another answer on the connection, because there are clients
 * that take the end of a connection for the end of a body in chunks (against RFC 9112 8) when none is announced.
 */
export function beginBrokenAnswer(exchange: MockExchange, answer: CallAnswer): void {
  beginAnswer(exchange, { ...answer, headers: [...answer.headers, ['Connection', 'keep-alive']] });
}

/** The parts of a streamed body, or the two halves of one in one piece. */
export function partsToSend({ body }: CallAnswer): readonly Payload[] {
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return body;
  const bytes = Buffer.from(body);
  const middle = Math.ceil(bytes.length / 2);
  return [bytes.subarray(0, middle), bytes.subarray(middle)];
}

/** The first `count` parts and the rest; at least one part is left over. */
export function splitParts(
  answer: CallAnswer,
  count: number,
): readonly [first: readonly Payload[], rest: readonly Payload[]] {
  const parts = partsToSend(answer);
  const cut = Math.min(count, parts.length - 1);
  return [parts.slice(0, cut), parts.slice(cut)];
}
