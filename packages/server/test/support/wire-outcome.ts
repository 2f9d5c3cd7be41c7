/** What a client must see on the wire, by the names of the contract, and the check of what it did see. */
import { expect } from 'vitest';
import { CLOSE_ROWS, type CloseName, ERROR_MESSAGES } from '../../src/contract/index.ts';
import type { RawClient } from './raw-client.ts';

/** Whose shape the error frame has. Default Deepgram's. */
export type ToldDialect = 'deepgram' | 'openai' | 'plain';

export type WireOutcome =
  /** The handshake completes, one error frame comes, and the socket closes with the row. */
  | { readonly told: CloseName; readonly retryAfterSeconds?: number; readonly dialect?: ToldDialect }
  /** An open session ends with an error frame and the row's close. */
  | { readonly ended: CloseName; readonly retryAfterSeconds?: number }
  /** An open session closes with the row and without an error frame. */
  | { readonly closed: CloseName }
  /** An open session closes with what the upstream sent; 1005 is a close frame without a code. */
  | { readonly passed: { readonly code: number; readonly reason: string } }
  /** The upgrade is answered over plain HTTP. */
  | { readonly http: number; readonly error?: string }
  /** The client has left; there is nothing to see. */
  | 'nothing';

/** Asserts the outcome on a client whose connection has ended, or ends within the deadline. */
export async function expectWire(client: RawClient | undefined, outcome: WireOutcome): Promise<void> {
  if (outcome === 'nothing') return;
  if (!client) throw new Error('the attack returned no client whose wire could be looked at');
  expect(client.faults, 'faults of the server').toEqual([]);
  if ('http' in outcome) await expectHttp(client, outcome);
  else await expectClose(client, outcome);
}

async function expectHttp(client: RawClient, outcome: { http: number; error?: string }): Promise<void> {
  const response = await client.response();
  const body = (await client.body()).toString();
  expect(response.status, `HTTP status, with the body ${body}`).toBe(outcome.http);
  expect(JSON.parse(body)).toMatchObject({
    error: outcome.error ?? expect.any(String),
    message: expect.any(String),
  });
}

async function expectClose(
  client: RawClient,
  outcome: Exclude<WireOutcome, 'nothing' | { http: number }>,
): Promise<void> {
  expect((await client.response()).status).toBe(101);
  const { code, reason } = await client.waitForClose();
  if ('passed' in outcome) {
    expect({ code, reason }).toEqual(outcome.passed);
    return;
  }
  const name = 'told' in outcome ? outcome.told : 'ended' in outcome ? outcome.ended : outcome.closed;
  const wait = 'retryAfterSeconds' in outcome ? outcome.retryAfterSeconds : undefined;
  const { code: rowCode, word } = CLOSE_ROWS[name];
  expect({ code, reason }).toEqual({
    code: rowCode,
    reason: wait === undefined ? word : `${word} retry_after=${wait}`,
  });
  if ('closed' in outcome) expect(errorFramesOf(client)).toEqual([]);
  else expectErrorFrame(client, name, outcome);
  if ('told' in outcome) expect(client.messages, 'messages before the refusal').toHaveLength(1);
}

/** Shapes written out: reading them with the contract's own reader would hide a common mistake. */
const SHAPES: Readonly<Record<ToldDialect, (code: string, message: string) => object>> = {
  deepgram: (code, message) => ({ type: 'Error', code, description: message }),
  openai: (code, message) => ({ type: 'error', error: { type: 'proxy_error', code, message } }),
  plain: (code, message) => ({ type: 'error', code, message }),
};

function expectErrorFrame(client: RawClient, name: CloseName, outcome: WireOutcome): void {
  const wait =
    typeof outcome === 'object' && 'retryAfterSeconds' in outcome ? outcome.retryAfterSeconds : undefined;
  const dialect = (typeof outcome === 'object' && 'dialect' in outcome && outcome.dialect) || 'deepgram';
  expect(errorFramesOf(client)).toHaveLength(1);
  const last = client.messages.at(-1);
  expect(last?.kind).toBe('text');
  const frame = JSON.parse(String(last?.payload)) as {
    retry_after?: number;
    error?: { retry_after?: number };
  };
  expect(frame).toMatchObject(SHAPES[dialect](CLOSE_ROWS[name].word, ERROR_MESSAGES[name]));
  expect((frame.error ?? frame).retry_after).toBe(wait);
}

const errorFramesOf = ({ messages }: RawClient): string[] =>
  messages.map(({ payload }) => payload.toString('latin1')).filter((text) => /^\{"type":"error"/i.test(text));
