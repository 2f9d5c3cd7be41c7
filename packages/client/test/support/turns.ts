/** Turns of a scripted server that close by a row of the contract. */
import { CLOSE_ROWS } from '../../src/contract.ts';
import type { SocketTurn, Turn } from './scripted-server.ts';

type Row = keyof typeof CLOSE_ROWS;

/** Accepts, says why in an error frame, and closes: how a server refuses so that a page can read it. */
export function refusing(name: Row, told: Record<string, unknown> = {}, extra = ''): SocketTurn {
  const { code, word } = CLOSE_ROWS[name];
  return (socket) => {
    socket.send(JSON.stringify({ type: 'Error', code: word, description: `Told: ${word}.`, ...told }));
    socket.close(code, `${word}${extra}`);
  };
}

/** For an expired token, on a socket that is open already. */
export const refuse = refusing('AuthExpired');

/** Accepts and closes without a word but the reason. */
export function closingBy(name: Row, extra = ''): Turn {
  const { code, word } = CLOSE_ROWS[name];
  return (socket) => socket.close(code, `${word}${extra}`);
}

/** Accepts and is gone, without a close frame. */
export const dropping: Turn = (socket) => socket.terminate();

/** Accepts and stays. */
export const staying: Turn = () => {};
