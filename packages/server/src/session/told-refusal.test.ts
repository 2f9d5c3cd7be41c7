import { once } from 'node:events';
import { duplexPair, type Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  CLOSE_ROWS,
  ERROR_MESSAGES,
  readErrorFrame,
  type CloseName,
  type Dialect,
} from '../contract/index.ts';
import { MessageReader } from '../testing/message-reader.ts';
import { FrameReader } from '../testing/wire-frames.ts';
import { createTestClock } from '../../test/support/test-clock.ts';
import { createRefuser, type Refuser, type Told } from './told-refusal.ts';

const told: Told = {
  name: 'AuthInvalid',
  dialect: 'deepgram',
  style: 'close',
  // The example of RFC 6455 1.3, whose answer is known.
  key: 'dGhlIHNhbXBsZSBub25jZQ==',
  echo: undefined,
  sessionId: 'session-1',
};
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

interface Seen {
  readonly head: readonly string[];
  readonly texts: readonly string[];
  readonly close: { code: number; reason: string } | undefined;
  readonly faults: readonly unknown[];
  readonly body: string;
}

/** What a client reads until the connection ends. */
async function see(refuser: Refuser, one: Told): Promise<Seen> {
  const [socket, peer] = duplexPair();
  refuser.refuse(socket, one);
  const bytes = await readAll(peer);
  peer.end();
  await once(socket, 'close');
  const split = bytes.indexOf('\r\n\r\n');
  const body = bytes.subarray(split + 4);
  const head = bytes.subarray(0, split).toString().split('\r\n');
  return { head, body: body.toString(), ...readFrames(head[0]?.includes(' 101 ') ? body : Buffer.alloc(0)) };
}

async function readAll(peer: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  peer.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(peer, 'end');
  return Buffer.concat(chunks);
}

function readFrames(bytes: Buffer): Pick<Seen, 'texts' | 'close' | 'faults'> {
  const texts: string[] = [];
  const faults: unknown[] = [];
  let close: Seen['close'];
  const messages = new MessageReader(false, {
    onMessage: ({ payload }) => texts.push(payload.toString()),
    onPing: () => undefined,
    onPong: () => undefined,
    onClose: (code, reason) => (close = { code, reason }),
    onFault: (fault) => faults.push(fault),
  });
  new FrameReader((frame) => messages.read(frame)).push(bytes);
  return { texts, close, faults };
}

const refuser = (maxOpen = 5): Refuser => createRefuser(createTestClock(), maxOpen);

describe('a told refusal', () => {
  it('completes the handshake, says why in one frame, and closes', async () => {
    const seen = await see(refuser(), told);
    expect(seen.head).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${ACCEPT}`,
    ]);
    expect(seen.texts.map(readErrorFrame)).toEqual([
      { code: 'auth_invalid', message: ERROR_MESSAGES.AuthInvalid, sessionId: 'session-1' },
    ]);
    expect(seen.close).toEqual({ code: CLOSE_ROWS.AuthInvalid.code, reason: 'auth_invalid' });
    expect(seen.faults).toEqual([]);
  });

  it.each(Object.keys(CLOSE_ROWS) as CloseName[])('tells %s by its row in every dialect', async (name) => {
    for (const dialect of ['deepgram', 'openai', 'asr', 'plain'] as Dialect[]) {
      const seen = await see(refuser(), { ...told, name, dialect });
      expect(readErrorFrame(seen.texts[0] ?? '')).toMatchObject({ code: CLOSE_ROWS[name].word });
      expect(seen.close).toEqual({ code: CLOSE_ROWS[name].code, reason: CLOSE_ROWS[name].word });
    }
  });

  it('answers with the subprotocol it was given', async () => {
    const { head } = await see(refuser(), { ...told, echo: 'token' });
    expect(head).toContain('Sec-WebSocket-Protocol: token');
  });

  it('tells a wait in the frame and in the reason', async () => {
    const seen = await see(refuser(), { ...told, name: 'RateLimited', retryAfterMs: 1_200 });
    expect(readErrorFrame(seen.texts[0] ?? '')).toMatchObject({ retryAfterMs: 2_000 });
    expect(seen.close?.reason).toBe('rate_limited retry_after=2');
  });

  it('reads nothing of what the peer sends', async () => {
    const [socket, peer] = duplexPair();
    refuser().refuse(socket, told);
    peer.write(Buffer.alloc(100_000));
    await readAll(peer);
    peer.end();
    await once(socket, 'close');
    expect(socket.readableLength).toBe(0);
  });
});

describe('a refusal over HTTP', () => {
  it('is what the style http asks for, with the row’s status, word and sentence', async () => {
    const seen = await see(refuser(), { ...told, style: 'http', echo: 'token' });
    expect(seen.head[0]).toBe('HTTP/1.1 401 Unauthorized');
    expect(JSON.parse(seen.body)).toEqual({ error: 'auth_invalid', message: ERROR_MESSAGES.AuthInvalid });
    expect(seen.head.join()).not.toContain('Sec-WebSocket');
  });

  it('states the wait in whole seconds, rounded up', async () => {
    const { head } = await see(refuser(), { ...told, style: 'http', name: 'RateLimited', retryAfterMs: 1 });
    expect(head[0]).toBe('HTTP/1.1 429 Too Many Requests');
    expect(head).toContain('Retry-After: 1');
  });

  it.each(Object.keys(CLOSE_ROWS) as CloseName[])('has a status of failure for %s', async (name) => {
    const { head } = await see(refuser(), { ...told, name, style: 'http' });
    expect(head[0]).toMatch(/^HTTP\/1\.1 [45]\d\d [A-Z]/);
  });
});

describe('the cap on told refusals', () => {
  it('falls back to HTTP beyond it, and tells again once a socket has gone', async () => {
    const clock = createTestClock();
    const capped = createRefuser(clock, 2);
    const lingering = [duplexPair(), duplexPair()];
    for (const [socket] of lingering) capped.refuse(socket, told);
    expect((await see(capped, told)).head[0]).toBe('HTTP/1.1 401 Unauthorized');
    expect((await see(capped, { ...told, name: 'UpstreamTimeout' })).head[0]).toBe(
      'HTTP/1.1 504 Gateway Timeout',
    );
    const closed = lingering.map(([socket]) => once(socket, 'close'));
    clock.advance(1_000);
    await Promise.all(closed);
    expect((await see(capped, told)).head[0]).toContain('101');
    expect(clock.pending()).toBe(0);
  });

  it('does not count refusals over HTTP, nor sockets that had gone', async () => {
    const capped = refuser(1);
    const [gone] = duplexPair();
    gone.destroy();
    for (let count = 0; count < 5; count += 1) {
      capped.refuse(gone, told);
      capped.refuse(duplexPair()[0], { ...told, style: 'http' });
    }
    expect((await see(capped, told)).head[0]).toContain('101');
  });
});
