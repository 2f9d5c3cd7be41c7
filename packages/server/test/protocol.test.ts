import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLOSE_ROWS, ERROR_MESSAGES, FOREIGN_CLOSES, toErrorFrame } from '../src/contract/index.ts';
import type { CloseName, Dialect } from '../src/contract/index.ts';

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

  it('states the limits and names of the handshake that the code has', async () => {
    const { MAX_TOKEN_LENGTH, SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX, TOKEN_QUERY, SERVICE_QUERY } =
      await import('../src/contract/index.ts');
    expect(protocol).toContain(`at most ${MAX_TOKEN_LENGTH} characters`);
    expect(protocol).toContain(`\`${SUBPROTOCOL}, ${TOKEN_SUBPROTOCOL_PREFIX}<token>\``);
    expect(protocol).toContain(`the query parameter \`${TOKEN_QUERY}\``);
    expect(protocol).toContain(`\`${SERVICE_QUERY}\` chooses one`);
  });
});
