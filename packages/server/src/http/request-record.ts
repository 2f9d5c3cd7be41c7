/** What is noted of a request while it is answered, until it becomes a line in the log. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { RequestFacts } from '../observability/request-log.ts';
import type { Fault } from './fault.ts';

/** `status` in place of the one that was sent: of an answer that broke off. */
type Notes = Pick<RequestFacts, 'principal' | 'why' | 'usage'> & { readonly status?: number };

export interface RequestRecord {
  note(more: Notes): void;
  /** `fault` is why the response has not been written whole. */
  factsOf(response: ServerResponse, fault: Fault | undefined): RequestFacts;
}

export function startRecord(
  clock: Clock,
  known: Pick<RequestFacts, 'id' | 'route' | 'address'>,
  request: IncomingMessage,
): RequestRecord {
  const { socket, method = '' } = request;
  const start = { ms: clock.elapsed(), bytesIn: socket.bytesRead, bytesOut: socket.bytesWritten };
  let notes: Notes = {};
  return {
    note: (more) => {
      const usage = { ...notes.usage, ...more.usage };
      notes = { ...notes, ...more, ...(Object.keys(usage).length > 0 ? { usage } : {}) };
    },
    factsOf: (response, fault) => ({
      ...known,
      method,
      status: fault?.status ?? response.statusCode,
      ms: clock.elapsed() - start.ms,
      bytesIn: socket.bytesRead - start.bytesIn,
      bytesOut: socket.bytesWritten - start.bytesOut,
      ...(fault ? { why: fault.why } : {}),
      ...notes,
    }),
  };
}
