/** Whether a slow reader holds its writer back. */
import type { Writable } from 'node:stream';

/** Whether a stream has room again within some turns of the loop. */
export async function drains(stream: Pick<Writable, 'writableNeedDrain'>): Promise<boolean> {
  for (let turn = 0; turn < 200 && stream.writableNeedDrain; turn += 1)
    await new Promise<void>((resolve) => setImmediate(resolve));
  return !stream.writableNeedDrain;
}
