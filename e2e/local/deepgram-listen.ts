/** Serves one socket of the Deepgram listen dialect: reads messages and keeps the vendor's rules. What is recognised when is listen-session.ts's business. */
import type { RawData, WebSocket } from 'ws';
import type { ListenParameters } from './listen-parameters.ts';
import { ListenSession } from './listen-session.ts';
import type { Recogniser } from './recognise.ts';

export interface ListenParts {
  parameters: ListenParameters;
  /** Undefined: results tell only how long the speech was. */
  recogniser: Recogniser | undefined;
  /** Milliseconds without audio and KeepAlive after which the connection is closed. */
  clientSilenceMs: number;
}

/** Serves `socket` until it closes; every timer and child process of the session ends with it. */
export function serveListen(
  socket: WebSocket,
  { parameters, recogniser, clientSilenceMs }: ListenParts,
): void {
  const json = (message: object): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  const fail = (): void => socket.close(1011, 'NET-0000: the local recogniser failed');
  const session = new ListenSession(parameters, recogniser, { json, fail });
  const silence = setTimeout(() => {
    socket.close(1011, 'NET-0001: neither audio nor a text message came within the time allowed');
  }, clientSilenceMs);
  let isFinishing = false;
  const finish = (): void => {
    isFinishing = true;
    session.finish(() => socket.close(1000));
  };

  socket.on('message', (data: RawData, isBinary: boolean) => {
    silence.refresh();
    if (isFinishing) return;
    // An empty frame is the old way of saying CloseStream.
    if (isBinary) return (data as Buffer).length === 0 ? finish() : session.onAudio(data as Buffer);
    const type = typeOf(String(data));
    if (type === 'CloseStream') finish();
    else if (type === 'Finalize') session.finalize();
    else if (type !== 'KeepAlive')
      json({ type: 'Error', description: 'The message is not understood.', variant: 'SchemaError' });
  });
  socket.on('error', ignore);
  socket.on('close', () => {
    clearTimeout(silence);
    session.end();
  });
}

function typeOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { type?: unknown } | null)?.type;
  } catch {
    return undefined;
  }
}

function ignore(): void {}
