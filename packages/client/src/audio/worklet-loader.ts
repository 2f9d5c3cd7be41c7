/**
 * Makes the node of a worklet, and loads its module first, once per context: from the page's own server when a URL
 * is given, which a strict Content-Security-Policy permits, otherwise from the inlined text through a blob: URL.
 */
import { MediaError } from './media-error.ts';

export type WorkletName = 'capture' | 'playback';

/**
 * Where the page serves the two files of `@voxproxy/client/worklets`: the folder that holds them under their own
 * names, or the URL of each.
 */
export type WorkletUrl = string | Record<WorkletName, string>;

export interface WorkletModule {
  name: WorkletName;
  /** Its bundled text, used when there is no URL. */
  source: string;
  url: WorkletUrl | undefined;
}

const loaded = new WeakMap<BaseAudioContext, Partial<Record<WorkletName, Promise<void>>>>();

/** Rejects with MediaError `worklet-blocked`; a later call then tries again. */
export async function createWorkletNode(
  context: BaseAudioContext,
  { name, source, url }: WorkletModule,
  options: AudioWorkletNodeOptions,
): Promise<AudioWorkletNode> {
  const file = typeof url === 'string' ? `${url.replace(/\/$/, '')}/${name}-processor.js` : url?.[name];
  const modules = loaded.get(context) ?? {};
  loaded.set(context, modules);
  try {
    await (modules[name] ??= addModule(context.audioWorklet, source, file));
    return new AudioWorkletNode(context, `voxproxy-${name}`, options);
  } catch (cause) {
    delete modules[name];
    throw new MediaError('worklet-blocked', cause, file ? `Check ${file} and script-src.` : BLOB_HINT);
  }
}

const BLOB_HINT =
  'Where the CSP forbids blob: scripts, serve the files of @voxproxy/client/worklets and set workletUrl to their folder.';

async function addModule(worklet: AudioWorklet, source: string, file: string | undefined): Promise<void> {
  if (file) return worklet.addModule(file);
  const blobUrl = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    await worklet.addModule(blobUrl);
  } finally {
    URL.revokeObjectURL(blobUrl);
  }
}
