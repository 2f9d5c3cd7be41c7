/** FNV-1a, 32 bits, over bytes as they come: short enough to repeat in a page and compare. Not a cryptographic hash. */

export class RunningHash {
  #hash = 0x811c9dc5;
  #bytes = 0;

  add(bytes: Uint8Array): void {
    let hash = this.#hash;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
    this.#hash = hash >>> 0;
    this.#bytes += bytes.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Eight lower-case hexadecimal digits. */
  get fnv1a(): string {
    return this.#hash.toString(16).padStart(8, '0');
  }
}
