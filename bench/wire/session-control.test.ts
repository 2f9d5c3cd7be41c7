/** The load acknowledges as PROTOCOL.md section 8 asks: by bytes at once, and what is left when asked. */
import { expect, test } from 'vitest';
import { FrameReader } from './frame-reader.mjs';
import { isControl, readControl, SessionControl } from './session-control.mjs';

const control = (content: object) => Buffer.from(`\u0001${JSON.stringify(content)}`);
const hello = control({ type: 'hello', version: 1, id: 'id', received: 0, ack_ms: 500, ack_bytes: 1_000 });

function textOf(frame: Buffer | undefined): unknown {
  let text: unknown;
  new FrameReader((reader) => (text = readControl(Buffer.from(reader.text)))).take(
    frame ?? Buffer.alloc(0),
    0,
    frame?.length ?? 0,
  );
  return text;
}

test('is open with the hello and notes what the server has', () => {
  const session = new SessionControl();
  expect(isControl(hello)).toBe(true);
  expect(session.take(control({ type: 'ack', received: 5 }))).toBe(false);
  expect(session.take(hello)).toBe(true);
  expect(session.isOpen).toBe(true);
  expect(session.taken).toBe(5);
});

test('acknowledges by bytes, and the rest when asked, once', () => {
  const session = new SessionControl();
  session.take(hello);
  expect(session.count(600)).toBeUndefined();
  expect(textOf(session.count(600))).toEqual({ type: 'ack', received: 2 });
  session.count(600);
  expect(textOf(session.acknowledge())).toEqual({ type: 'ack', received: 3 });
  expect(session.acknowledge()).toBeUndefined();
});

test('ignores a control frame that cannot be read', () => {
  expect(new SessionControl().take(Buffer.from('\u0001{'))).toBe(false);
});
