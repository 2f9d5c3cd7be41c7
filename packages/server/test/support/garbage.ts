/** What a client sends that means no good, or does not know better: heads, bodies and frames, right in part and wrong in part. */
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import type { SeededRandom } from './seeded-random.ts';

const DEEP = `${'['.repeat(6_000)}${']'.repeat(6_000)}`;

/** Texts on which parsers, policies and readers of tokens have something to say. */
const textsWith = (token: string): readonly string[] => [
  ...[
    '',
    '{',
    '[]',
    '{}',
    'null',
    '"a"',
    '\u0000',
    '\uFEFF{}',
    '\u0001{"type":"ack"}',
    '\u0001[]',
    '\u0001{"ack":1e999}',
  ],
  ...[
    '{"type":"Settings"}',
    '{"type":"\\ud800"}',
    '{"__proto__":{"type":"Settings"}}',
    '{"type":["Settings"]}',
  ],
  ...[
    '{"type":"session.update","session":{}}',
    '{"type":"session.update","session":null}',
    '{"type":"response.create"}',
  ],
  ...[
    '{"type":"session.update","session":{"tools":[[[{"type":"mcp"}]]]}}',
    '{"type":"conversation.item.create","item":[]}',
  ],
  ...[
    `{"auth":{"key":"${token}"}}`,
    `{"auth":[{"key":"${token}"}]}`,
    '{"auth":{"key":7}}',
    `{"auth":{"key":"x"},"a":${DEEP}}`,
  ],
  ...[
    `{"auth":{"key":"${token}"},"a":${DEEP}}`,
    `{"type":"Settings","a":${DEEP}}`,
    `{"a":${'{"a":'.repeat(6_000)}`,
  ],
];

export interface Garbage {
  /** A whole connection: a request, and frames or a body behind it. */
  connection(): Buffer;
}

export function createGarbage(random: SeededRandom, paths: readonly string[], token: string): Garbage {
  const { pick, int, chance } = random;
  const bytes = (most: number): Buffer =>
    Buffer.from(Array.from({ length: int(0, most) }, () => int(0, 255)));
  const text = (): string => pick(textsWith(token));
  const payload = (opcode: number): Buffer => {
    if (opcode >= OPCODES.close) return pick([bytes(125), bytes(4), Buffer.alloc(0), Buffer.from([3, 232])]);
    return chance(0.2) ? bytes(2_000) : Buffer.from(text());
  };
  const frame = (): Buffer => {
    if (chance(0.04)) return bytes(200);
    const opcode = pick([1, 1, 1, 1, 2, 0, 8, 9, 10, 3, 11]);
    const content = payload(opcode);
    return encodeFrame({
      ...{ opcode, payload: content, fin: chance(0.8), mask: chance(0.97), rsv: chance(0.02) ? 4 : 0 },
      ...(chance(0.03) ? { announcedBytes: content.length + int(1, 1_000_000) } : {}),
    });
  };
  const search = (): string =>
    pick([
      '',
      '?',
      '?%',
      `?token=${token}`,
      `?token=${token}&vp=1`,
      '?token=x',
      '?vp=1&vp_session=x',
      '?model=%00',
    ]) + pick(['', '', '&model=gpt-realtime', '&service=transcription', '&encoding=linear16']);
  const proof = (): string =>
    pick([
      '',
      `X-Forwarded-For: ${pick(['fe80::1%a-b', '::1%', '1.2.3', ',', '::ffff:1.2.3.4'])}\r\n`,
      `Authorization: Bearer ${token}\r\n`,
      `Sec-WebSocket-Protocol: token, ${token}\r\n`,
      'Authorization: \r\n',
    ]);
  const upgrade = (): string =>
    `GET ${pick(paths)}${search()} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${proof()}` +
    `${pick(['', '', '', 'Content-Length: 4\r\n', 'Sec-WebSocket-Extensions: permessage-deflate\r\n'])}\r\n`;
  const types = [
    'application/json',
    'text/plain',
    'audio/wav',
    'multipart/form-data; boundary=x',
    ';',
    'application/sdp',
  ];
  const request = (): Buffer => {
    const body = chance(0.3) ? bytes(3_000) : Buffer.from(text());
    const head =
      `${pick(['POST', 'POST', 'POST', 'GET', 'PUT', 'OPTIONS', 'HEAD'])} ${pick(paths)}${search()} HTTP/1.1\r\nHost: h\r\n` +
      `${proof()}Content-Type: ${pick(types)}\r\n${pick(['', '', 'Expect: 100-continue\r\n', 'Origin: null\r\n'])}`;
    if (chance(0.8)) {
      const length = body.length + pick([0, 0, 0, 5]);
      return Buffer.concat([Buffer.from(`${head}Content-Length: ${length}\r\n\r\n`), body]);
    }
    const chunk = `${body.length.toString(16)}\r\n`;
    const end = pick(['\r\n0\r\n\r\n', '\r\nzz\r\n', '']);
    return Buffer.concat([
      Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`),
      body,
      Buffer.from(end),
    ]);
  };
  return {
    connection: () =>
      chance(0.7)
        ? Buffer.concat([Buffer.from(upgrade()), ...Array.from({ length: int(0, 12) }, frame)])
        : request(),
  };
}
