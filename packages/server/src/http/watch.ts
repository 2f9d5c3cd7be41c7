/** Watches over one request until it is over, however it ends: by its answer, its client, or the server's own end. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { socketsHeard, type Clock } from '../clock.ts';
import type { RequestLog } from '../observability/request-log.ts';
import type { Connections } from './connections.ts';
import { clientLeft, clientStalled, HttpFault, rowFault } from './fault.ts';
import type { RequestRecord } from './request-record.ts';
import type { Running } from './running.ts';
import { letRead } from './unread-answer.ts';

export interface WatchParts {
  readonly clock: Clock;
  readonly running: Running;
  readonly connections: Connections;
  readonly log: RequestLog;
}

/** Aborts when the answer is out, the client leaves or the grace of a drain is over; writes the line in the log when all is done. */
export function watch(
  { clock, running, connections, log }: WatchParts,
  { socket }: IncomingMessage,
  response: ServerResponse,
  record: RequestRecord,
): AbortSignal {
  const stopping = new AbortController();
  let isOver = false;
  const forget = running.add(() => {
    stopping.abort(new HttpFault(rowFault('Draining', 'draining')));
    void socketsHeard().then(() => response.writableEnded && !response.closed && endUnread());
  });
  /** All is said; a client that does not read keeps nobody waiting. */
  const endUnread = (): void => {
    const { status, why } = clientStalled().fault;
    record.note({ status, why });
    response.destroy();
  };
  letRead(response, clock, endUnread);
  const onClose = (): void => {
    if (isOver) return;
    isOver = true;
    forget();
    leave();
    const left = clientLeft();
    // Behind a whole answer too: a provider may have given it while the rest of the body was waited for.
    stopping.abort(left);
    log.answered(record.factsOf(response, response.writableFinished ? undefined : left.fault));
  };
  const leave = connections.join(socket, onClose);
  // Before the request was handed over something may have waited, and the client left meanwhile.
  if (response.closed || socket.closed) onClose();
  else response.once('close', onClose);
  return stopping.signal;
}
