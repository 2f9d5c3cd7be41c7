/** Whether a slow reader holds its writer back. */
import type { ServerResponse } from 'node:http';

/** Writes a text again and again; true once the other side takes no more, false when it has taken all of `most`. */
export async function writeUntilHeld(response: ServerResponse, text: string, most: number): Promise<boolean> {
  for (let sent = 0; sent < most; sent += 1)
    if (!response.write(text) && !(await drains(response))) return true;
  return false;
}

/** Whether there is room again within some turns of the loop. */
async function drains(response: ServerResponse): Promise<boolean> {
  for (let turn = 0; turn < 200 && response.writableNeedDrain; turn += 1)
    await new Promise<void>((resolve) => setImmediate(resolve));
  return !response.writableNeedDrain;
}
