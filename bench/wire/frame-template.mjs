/**
 * Prebuilt WebSocket frames that only get a stamp before they are sent: session, sequence number and time in front, the
 * sequence number once more at the end, so that a torn or foreign frame cannot pass for a good one.
 */

/** Three words in front, one at the end. */
export const SMALLEST_PAYLOAD = 16;
/** Larger frames are sent in parts around an unchanging body instead of being copied. */
const LARGEST_WHOLE = 16_384;
const FRONT_BYTES = 12;
const BINARY = 0x82;

/** Fixed and not zero: `ws` does not unmask under a zero key, which would make it look cheaper than it is. */
export const MASK_KEY = 0x5ad3_96e1;

/** The header of a frame; `maskKey` is undefined for frames of a server. RFC 6455 5.2. */
export function headerOf(firstByte, size, maskKey) {
  const extended = size < 126 ? 0 : size < 65_536 ? 2 : 8;
  const header = Buffer.alloc(2 + extended + (maskKey === undefined ? 0 : 4));
  header[0] = firstByte;
  header[1] = (maskKey === undefined ? 0 : 0x80) | (extended === 0 ? size : extended === 2 ? 126 : 127);
  if (extended === 2) header.writeUInt16BE(size, 2);
  if (extended === 8) header.writeBigUInt64BE(BigInt(size), 2);
  if (maskKey !== undefined) header.writeUInt32BE(maskKey, 2 + extended);
  return header;
}

/** A small frame with any payload, such as a control frame, a close or a pong. */
export function smallFrame(firstByte, payload, maskKey) {
  const body = Buffer.from(payload);
  const header = headerOf(firstByte, body.length, maskKey);
  if (maskKey === undefined) return Buffer.concat([header, body]);
  const key = header.subarray(-4);
  for (let at = 0; at < body.length; at += 1) body[at] ^= key[at & 3];
  return Buffer.concat([header, body]);
}

export class FrameTemplate {
  #key;
  #front;
  #frame;

  /**
   * @param {number} size of the payload, a multiple of four
   * @param {number} [maskKey] for frames of a client
   */
  constructor(size, maskKey) {
    if (size < SMALLEST_PAYLOAD || size % 4 !== 0) throw new RangeError(`no stamp fits into ${size} bytes`);
    const header = headerOf(BINARY, size, maskKey);
    this.size = size;
    this.#key = maskKey ?? 0;
    this.#front = header.length;
    this.#frame = Buffer.alloc(header.length + size, 0xa5);
    header.copy(this.#frame);
  }

  /** Sends one frame. The template is used again only when the kernel took it whole; else it is copied first. */
  send(socket, session, sequence, time) {
    if (this.size > LARGEST_WHOLE) return this.#sendInParts(socket, [session, sequence, time]);
    this.#stamp(session, sequence, time);
    const taken = socket.write(this.#frame);
    if (socket.writableLength > 0) this.#frame = Buffer.from(this.#frame);
    return taken;
  }

  #stamp(session, sequence, time) {
    const front = this.#front;
    const key = this.#key;
    this.#frame.writeUInt32BE((session ^ key) >>> 0, front);
    this.#frame.writeUInt32BE((sequence ^ key) >>> 0, front + 4);
    this.#frame.writeUInt32BE((time ^ key) >>> 0, front + 8);
    this.#frame.writeUInt32BE((sequence ^ key) >>> 0, front + this.size - 4);
  }

  #sendInParts(socket, [session, sequence, time]) {
    this.#stamp(session, sequence, time);
    const cut = this.#front + FRONT_BYTES;
    const end = this.#frame.length - 4;
    socket.cork();
    socket.write(Buffer.from(this.#frame.subarray(0, cut)));
    socket.write(this.#frame.subarray(cut, end));
    const taken = socket.write(Buffer.from(this.#frame.subarray(end)));
    socket.uncork();
    return taken;
  }
}

/** One template a size, shared by all sockets of a process. */
export function createTemplates(maskKey) {
  const templates = new Map();
  return (size) => {
    let template = templates.get(size);
    if (!template) templates.set(size, (template = new FrameTemplate(size, maskKey)));
    return template;
  };
}
