import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { ReadBuffer } from './read-buffer.ts';

let reads: ReadBuffer;

beforeEach(() => {
  reads = new ReadBuffer();
});

/** What a socket does: it asks for memory, fills it, and says how much it has read. */
function read(text: string): Buffer {
  const memory = reads.onread.buffer();
  expect(memory.write(text, 'latin1')).toBe(text.length);
  reads.onread.callback(text.length);
  return memory;
}

describe('the memory of a ReadBuffer', () => {
  it('is used again when nobody needs what was read, and is left alone otherwise', () => {
    const got: Buffer[] = [];
    let isFree = true;
    reads.reader = (bytes) => got.push(bytes) > 0 && isFree;
    const first = read('one');
    isFree = false;
    expect(read('two')).toBe(first);
    expect(read('three')).not.toBe(first);
    expect(got.map(String)).toEqual(['two', 'two', 'three']);
  });

  it('is shared by short reads that somebody keeps', () => {
    const got: Buffer[] = [];
    reads.reader = (bytes) => {
      got.push(bytes);
      return false;
    };
    for (let round = 0; round < 1_000; round += 1) read(String(round).padStart(8, '0'));
    expect(got.map(Number)).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
    expect(new Set(got.map(({ buffer }) => buffer)).size).toBeLessThan(10);
  });

  it('becomes more when it was filled, up to what is read at once, and less when that was not needed for long', () => {
    reads.reader = () => true;
    const sizes = [2_048, 8_192, 32_768, 65_536, 65_536];
    for (const size of sizes) expect(read('x'.repeat(reads.onread.buffer().length)).length).toBe(size);
    for (let round = 0; round < 31; round += 1) read('x'.repeat(16_384));
    expect(reads.onread.buffer().length).toBe(65_536);
    read('x');
    expect(reads.onread.buffer().length).toBe(16_384);
    for (let round = 0; round < 200; round += 1) read('x');
    expect(reads.onread.buffer().length).toBe(2_048);
  });

  it('stays as it is for messages of changing size', () => {
    reads.reader = () => true;
    read('x'.repeat(2_048));
    for (let round = 0; round < 200; round += 1) read('x'.repeat(round % 2 === 0 ? 1 : 8_000));
    expect(reads.onread.buffer().length).toBe(8_192);
  });

  it('never has less room than half of what is taken, so that a stream that somebody keeps is not torn', () => {
    reads.reader = () => false;
    read('x'.repeat(2_048));
    for (let round = 0; round < 200; round += 1) {
      read('x'.repeat(3_000));
      expect(reads.onread.buffer().length).toBeGreaterThanOrEqual(4_096);
    }
  });

  it('becomes more also when what is left of it was filled', () => {
    reads.reader = () => false;
    read('x'.repeat(1_000));
    read('x'.repeat(reads.onread.buffer().length));
    expect(reads.onread.buffer().length).toBe(8_192);
  });
});

describe('a ReadBuffer', () => {
  it('keeps what comes while nobody reads', () => {
    reads.reader = undefined;
    read('one ');
    read('two');
    expect(reads.takeWaiting().toString()).toBe('one two');
    expect(reads.takeWaiting().length).toBe(0);
  });

  it('brings every byte of a socket, also of one that is paused again and again', async (test) => {
    const sent = randomBytes(3_000_000);
    const port = await serve(test, (socket) => socket.end(sent));
    const got: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', onread: reads.onread });
    test.onTestFinished(() => void socket.destroy());
    reads.reader = (bytes) => {
      got.push(Buffer.from(bytes));
      if (got.length % 5 === 0) {
        socket.pause();
        setImmediate(() => socket.resume());
      }
      return true;
    };
    await once(socket, 'end');
    expect(Buffer.concat(got).equals(sent)).toBe(true);
  });
});

async function serve(test: TestCleanup, onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer(onSocket);
  test.onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
