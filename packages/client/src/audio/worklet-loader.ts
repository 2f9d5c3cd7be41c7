/**
 * Makes the node of a processor, and loads the worklet module first, once per context: from the page's own server
 * when a URL is given, which a strict Content-Security-Policy permits, otherwise as a blob: URL of the inlined text.
 */
import { MediaError } from './media-error.ts';
import { workletSource } from './worklets/source.ts';

/** Where the page serves the file `@voxproxy/client/audio-worklet.js` itself. */
export type WorkletUrl = string;

const modules = new WeakMap<BaseAudioContext, Promise<void>>();

/** Rejects with MediaError `worklet-blocked`; a later call then tries again. */
export async function createWorkletNode(
  context: BaseAudioContext,
  name: 'capture' | 'playback',
  options: AudioWorkletNodeOptions,
  url: WorkletUrl | undefined,
): Promise<AudioWorkletNode> {
  try {
    if (!modules.has(context)) modules.set(context, addModule(context.audioWorklet, url));
    await modules.get(context);
    return new AudioWorkletNode(context, `voxproxy-${name}`, options);
  } catch (cause) {
    modules.delete(context);
    throw new MediaError('worklet-blocked', cause);
  }
}

async function addModule(worklet: AudioWorklet, url: WorkletUrl | undefined): Promise<void> {
  const address = url ?? URL.createObjectURL(new Blob([workletSource], { type: 'text/javascript' }));
  try {
    await worklet.addModule(address);
  } finally {
    if (!url) URL.revokeObjectURL(address);
  }
}

/** Without the message the processor would run on for as long as the context lives. */
export function endWorkletNode(node: AudioWorkletNode): void {
  node.port.onmessage = null;
  node.port.postMessage('close');
  node.disconnect();
}
