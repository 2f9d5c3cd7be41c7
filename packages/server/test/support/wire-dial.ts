/** Opens a WebSocket as a client over a bare socket and hands its frames to a WirePeer; or leaves half way. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type RawUpgradeOptions, requestBytes } from './raw-request.ts';
import { takeHead } from './wire-head.ts';
import { type ReadingPace, WirePeer } from './wire-peer.ts';

export interface WireDialOptions extends RawUpgradeOptions {
  readonly pace?: ReadingPace | undefined;
}

/** The upgrade was answered with another status than 101. */
export class DialRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the upgrade was answered with ${status}`);
    this.status = status;
  }
}

const DEADLINE_MS = 10_000;

/** Rejects with DialRefused for an HTTP refusal, with another Error when the connection fails. */
export async function dialWire(options: WireDialOptions): Promise<WirePeer> {
  const { deadlineMs = DEADLINE_MS, pace } = options;
  const socket = await connected(options);
  socket.write(requestBytes(options));
  const head = await takeHead(socket, deadlineMs);
  const status = Number(head.split(' ')[1]);
  if (status !== 101) {
    socket.destroy();
    throw new DialRefused(status);
  }
  return new WirePeer(socket, { isClient: true, pace, deadlineMs });
}

/** How far a client gets that leaves before its session opens. */
export type LeaveMoment = 'connected' | 'requested' | 'answered';

/** Connects, goes as far as told, and resets the connection. What the server says is not looked at. */
export async function dialAndLeave(options: WireDialOptions, moment: LeaveMoment): Promise<void> {
  const socket = await connected(options);
  if (moment !== 'connected')
    await new Promise<void>((resolve) => socket.write(requestBytes(options), () => resolve()));
  // A server that refuses by a reset has left by itself.
  if (moment === 'answered') await takeHead(socket, options.deadlineMs ?? DEADLINE_MS).catch(() => '');
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

async function connected({ port, host = '127.0.0.1', tls, deadlineMs }: WireDialOptions): Promise<Socket> {
  const socket = tls ? connectTls({ port, host, ca: tls.ca }) : connect({ port, host });
  socket.setNoDelay(true);
  const signal = AbortSignal.timeout(deadlineMs ?? DEADLINE_MS);
  try {
    await once(socket, tls ? 'secureConnect' : 'connect', { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  // What a failure means is told by the end of the connection.
  socket.on('error', () => socket.destroy());
  return socket;
}
