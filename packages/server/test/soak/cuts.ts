/** The ways in which a client loses its connection and gets its session back. */
import type { MockFrame } from '../../src/testing/message-reader.ts';
import type { SeededRandom } from '../support/seeded-random.ts';
import type { SessionClient } from '../support/session-client.ts';
import type { LeaveMoment } from '../support/wire-dial.ts';

/** What a way of cutting works on. */
export interface CutTools {
  readonly client: SessionClient;
  readonly random: SeededRandom;
  /** Has the next frame of the stream cut behind part of its bytes; false when the stream is over. */
  cutNextFrame(how: 'reset' | 'end'): Promise<boolean>;
}

export type Cut = (tools: CutTools) => Promise<void> | void;

const MOMENTS: readonly LeaveMoment[] = ['connected', 'requested', 'answered'];
const MID_FRAME_MS = 100;

async function midFrameUp({ client, cutNextFrame }: CutTools, how: 'reset' | 'end'): Promise<void> {
  if (!(await cutNextFrame(how))) client.cut();
}

export const CUTS: Readonly<Record<string, Cut>> = {
  'mid-frame up, reset': (tools) => midFrameUp(tools, 'reset'),
  'mid-frame up, in order': (tools) => midFrameUp(tools, 'end'),
  'mid-frame down': ({ client }) => client.cutWhileReceiving(MID_FRAME_MS),
  reset: ({ client }) => client.cut(),
  'in order': ({ client }) => client.endStream(),
  'swap, the old leg open': () => undefined,
  'silent abandonment': ({ client }) => client.abandon(),
  'during the resume': async ({ client, random }) => {
    client.cut();
    for (let left = random.int(1, 4); left > 0; left -= 1) await client.resumeAndLeave(random.pick(MOMENTS));
  },
  'during a resume of an open leg': ({ client, random }) => client.resumeAndLeave(random.pick(MOMENTS)),
  'twice at once': async ({ client }) => {
    client.cut();
    // The other one may win the session, and then the hello of the first comes to nothing.
    await client.resumeTwice().catch(() => undefined);
  },
  'again at once': async ({ client }) => {
    client.cut();
    await client.resume();
    client.cut();
  },
};

const MOST_TRIES = 20;

/** Resumes until there is a connection. Returns how often it tried. */
export async function reconnect(client: SessionClient): Promise<number> {
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    try {
      await client.resume();
      if (client.state !== 'cut') return tries;
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
    }
  }
  throw new Error(`cut again after each of ${MOST_TRIES} resumes`);
}

/** How much of a frame is sent before it is cut: inside its header, or anywhere. */
export function partOf({ payload }: MockFrame, random: SeededRandom): number {
  return random.chance(0.2) ? random.int(1, 7) : random.int(1, Math.max(1, payload.length));
}
