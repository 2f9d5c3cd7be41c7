/** The bundled worklet runs where there is nothing but the globals of an audio thread. */
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { bundleWorklet, workletPlugin } from './worklet-plugin.mjs';

describe('bundleWorklet', () => {
  it('makes one script that registers both processors', async () => {
    const names: string[] = [];
    class AudioWorkletProcessor {}
    runInNewContext(await bundleWorklet(), {
      AudioWorkletProcessor,
      registerProcessor: (name: string) => names.push(name),
    });
    expect(names.toSorted()).toEqual(['voxproxy-capture', 'voxproxy-playback']);
  });
});

describe('workletPlugin', () => {
  const load = async (id: string, options = {}) => {
    const emitted: { fileName: string; source: string }[] = [];
    const plugin = workletPlugin(options);
    const code = await plugin.load.call({ emitFile: (file: never) => emitted.push(file) }, id);
    return { code, emitted };
  };

  it('puts the text in the place of the stand-in, and of nothing else', async () => {
    const source = await bundleWorklet();
    expect(await load('/any/where/src/audio/worklets/source.ts')).toEqual({
      code: `export const workletSource = ${JSON.stringify(source)};`,
      emitted: [],
    });
    expect((await load('/any/where/src/audio/pcm.ts')).code).toBeNull();
  });

  it('also writes the file when it is given a name', async () => {
    const { emitted } = await load('/src/audio/worklets/source.ts', { fileName: 'audio-worklet.js' });
    expect(emitted).toEqual([{ type: 'asset', fileName: 'audio-worklet.js', source: await bundleWorklet() }]);
  });
});
