/** A response of server-sent events: each is on its way before the next is made, and a client that does not read has a limit. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { writeInTime } from './room.ts';
import { formatEvent } from './sse.ts';

export interface EventStream {
  /** Resolves when the client has room for more. Rejects when it takes nothing for too long, or has gone. */
  send(event: string, data: object): Promise<void>;
  end(): void;
}

export function openEventStream(response: ServerResponse, clock: Clock): EventStream {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    // Nobody on the way compresses, and so collects, what should come at once.
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
    'X-Content-Type-Options': 'nosniff',
  });
  response.flushHeaders();
  return {
    send: (event, data) => writeInTime(response, formatEvent(event, data), clock),
    end: () => void response.end(),
  };
}
