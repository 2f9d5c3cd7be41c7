import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  CLOSE_ROWS,
  CONTROL_BYTE,
  ERROR_MESSAGES,
  FOREIGN_CLOSES,
  MAX_CONTROL_FRAME_BYTES,
  MAX_FRAGMENTS,
  SESSION_QUERY,
  SESSION_VERSION,
  isControlFrame,
  readControlFrame,
  toControlFrame,
  toErrorFrame,
  toSessionQuery,
} from '../src/contract/index.ts';
import type { CloseName, Dialect, HelloFrame } from '../src/contract/index.ts';
import { DEFAULT_LIMITS } from '../src/options.ts';
import { ACK_BYTES, ACK_MS } from '../src/session/resumable.ts';

const protocol = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');

/** The data rows of a marked table, cells trimmed, code marks removed. */
function tableOf(name: string): string[][] {
  const marked = protocol.split(`<!-- table: ${name} -->`)[1]?.split('<!-- end -->')[0] ?? '';
  const lines = marked.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

describe('PROTOCOL.md', () => {
  it('lists every close row, in order, as the code has it', () => {
    const rows = Object.entries(CLOSE_ROWS).map(([name, row]) => [
      String(row.code),
      row.word,
      row.httpStatus === 0 ? '' : String(row.httpStatus),
      row.retry,
      row.sender,
      ERROR_MESSAGES[name as CloseName],
    ]);
    expect(tableOf('close rows')).toEqual(rows);
  });

  it('lists every foreign close as the code has it', () => {
    const rows = Object.entries(FOREIGN_CLOSES).map(([code, { retry, meaning }]) => [code, retry, meaning]);
    expect(tableOf('foreign closes')).toEqual(rows);
  });

  it('shows an error frame of every dialect as the code writes it', () => {
    const frame = { code: 'auth_expired', message: 'text', retryAfterMs: 2000, sessionId: 'id' };
    const dialects: Dialect[] = ['deepgram', 'openai', 'asr', 'plain'];
    expect(tableOf('error frames')).toEqual(
      dialects.map((dialect) => [dialect, toErrorFrame(dialect, frame)]),
    );
  });

  it('shows every control frame of session mode as the code writes it', () => {
    const hello: HelloFrame = {
      type: 'hello',
      version: SESSION_VERSION,
      id: 'id',
      received: 0,
      resumed: false,
      hold_ms: DEFAULT_LIMITS.resumeHoldMs,
      ack_ms: ACK_MS,
      ack_bytes: ACK_BYTES,
    };
    const ack = (received: number): string => toControlFrame({ type: 'ack', received }).slice(1);
    expect(tableOf('control frames')).toEqual([
      ['server', toControlFrame(hello).slice(1)],
      ['server', ack(12)],
      ['client', ack(34)],
    ]);
  });

  it('shows control frames that the code reads', () => {
    for (const [, frame = ''] of tableOf('control frames')) {
      const sent = String.fromCharCode(CONTROL_BYTE) + frame;
      expect(isControlFrame(sent)).toBe(true);
      expect(readControlFrame(sent)).toEqual(JSON.parse(frame));
    }
  });

  it('shows the resets of session mode as the code writes them', () => {
    const more = { version: 1, id: 'id', received: 0, resumed: false, hold_ms: 1, ack_ms: 1, ack_bytes: 1 };
    for (const reset of [{ cause: 'unknown' }, { cause: 'lost', received: 5, sent: 9 }] as const)
      expect(protocol).toContain(
        /"reset":\{.*?\}/.exec(toControlFrame({ type: 'hello', ...more, reset }))?.[0],
      );
  });

  it('states the names and limits of session mode and of messages that the code has', () => {
    expect(protocol).toContain(`the query parameter \`${SESSION_QUERY}=${toSessionQuery()}\``);
    const resume = toSessionQuery({ id: '<id>', received: 0 }).replace(/0$/, '<received>');
    expect(protocol).toContain(`\`${SESSION_QUERY}=${resume}\``);
    expect(protocol).toContain(`begin with the byte 0x${String(CONTROL_BYTE).padStart(2, '0')}`);
    expect(protocol).toContain(`more than ${MAX_FRAGMENTS} fragments`);
    expect(MAX_CONTROL_FRAME_BYTES).toBeGreaterThan(1_000);
  });

  it('states the limits and names of the handshake that the code has', async () => {
    const { MAX_TOKEN_LENGTH, SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX, TOKEN_QUERY, SERVICE_QUERY } =
      await import('../src/contract/index.ts');
    expect(protocol).toContain(`at most ${MAX_TOKEN_LENGTH} characters`);
    expect(protocol).toContain(`\`${SUBPROTOCOL}, ${TOKEN_SUBPROTOCOL_PREFIX}<token>\``);
    expect(protocol).toContain(`the query parameter \`${TOKEN_QUERY}\``);
    expect(protocol).toContain(`\`${SERVICE_QUERY}\` chooses one`);
  });
});
