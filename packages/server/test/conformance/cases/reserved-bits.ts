/** Group 3 of the public list: the reserved bits must be zero, since no extension is negotiated (RFC 6455 5.2). */
import { binary, breaks, close, type ConformanceCase, ping, text } from './case.ts';

const HELLO = 'Hello, world!';
const OCTETS = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]);

const afterHello = (rsv: number): readonly [[ReturnType<typeof text>], ...ReturnType<typeof text>[]] => [
  [text(HELLO)],
  text(HELLO, { rsv }),
  ping(),
];

export const reservedBits: readonly ConformanceCase[] = [
  breaks(['3.1'], 'refuses text with the reserved bits 1', [[], text(HELLO, { rsv: 1 })]),
  breaks(['3.2'], 'passes text and refuses the next one, whose reserved bits are 2', afterHello(2)),
  breaks(
    ['3.3'],
    'passes text and refuses the next one, whose reserved bits are 3, frame by frame',
    afterHello(3),
    {
      chop: 'frames',
    },
  ),
  breaks(
    ['3.4'],
    'passes text and refuses the next one, whose reserved bits are 4, octet by octet',
    afterHello(4),
    {
      chop: 1,
    },
  ),
  breaks(['3.5'], 'refuses octets with the reserved bits 5', [[], binary(OCTETS, { rsv: 5 })]),
  breaks(['3.6'], 'refuses a binary frame with the reserved bits 6', [[], binary(HELLO, { rsv: 6 })]),
  // The public list describes 3.6 as a ping and sends a binary frame; both are here.
  breaks(['3.6'], 'refuses a ping with the reserved bits 6', [[], ping(HELLO, { rsv: 6 })]),
  breaks(['3.7'], 'refuses a close frame with the reserved bits 7', [[], { ...close(), rsv: 7 }]),
];
