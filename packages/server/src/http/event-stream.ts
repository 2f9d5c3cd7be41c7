/** A response of server-sent events: each is on its way before the next is made, and a client that does not read has a limit. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { ProxyError } from '../errors.ts';
import { inTime } from './in-time.ts';
import { formatEvent } from './sse.ts';

export interface EventStream {
  /** Resolves when the client has room for more. Rejects when it takes nothing for too long, or has gone. */
  send(event: string, data: object): Promise<void>;
  end(): void;
}

/** The client's longest time without taking anything. */
const STALL_MS = 30_000;

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
    async send(event, data) {
      if (response.destroyed) throw gone();
      if (!response.write(formatEvent(event, data))) await inTime(clock, STALL_MS, roomIn(response), gone);
    },
    end: () => void response.end(),
  };
}

function roomIn(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = (): void => {
      response.off('close', onClose);
      resolve();
    };
    const onClose = (): void => {
      response.off('drain', onDrain);
      reject(gone());
    };
    response.once('drain', onDrain).once('close', onClose);
  });
}

function gone(): ProxyError {
  return new ProxyError('Stalled', 'the client does not read');
}
