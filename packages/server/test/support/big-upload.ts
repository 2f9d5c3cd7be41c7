/** Clients of bare sockets that upload much: one that writes it all before it reads, and one that writes until it is answered. */
import { eventually } from './eventually.ts';
import type { RawClient } from './raw-client.ts';

/** What stands before the bytes of a form, which any other route takes for a recording. */
export const FILE =
  '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: audio/wav\r\n\r\n';
/** Bytes: more than the sockets on the way hold. */
export const MUCH = 24_000_000;
const CHUNK = Buffer.alloc(65_536);
const PATIENCE_MS = 8_000;

/** Writes it whole while it reads nothing, and only then reads. */
export async function writeAllThenRead(client: RawClient, bytes: number): Promise<void> {
  client.pauseReading();
  client.sendBytes(Buffer.alloc(bytes));
  await eventually(
    () => client.unsentBytes === 0,
    () => `all to be taken; ${client.unsentBytes} of ${bytes} bytes were not`,
    PATIENCE_MS,
  );
  client.resumeReading();
}

/** Writes, as fast as it is taken, until the probe holds or the connection has gone. Resolves with the bytes written. */
export async function writeUntil(client: RawClient, isEnough: () => boolean): Promise<number> {
  let bytes = 0;
  await eventually(
    () => {
      if (client.unsentBytes === 0 && !client.isGone) {
        client.sendBytes(CHUNK);
        bytes += CHUNK.length;
      }
      return isEnough() || client.isGone;
    },
    () => `the end of writing; ${bytes} bytes were written`,
    PATIENCE_MS,
  );
  return bytes;
}

/** Whether the whole head of an answer has come. */
export const hasAnswer = (client: RawClient): boolean => client.received.includes('\r\n\r\n');
