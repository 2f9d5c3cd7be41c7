/**
 * Rollup and Vite plugin that puts the bundled text of each audio worklet into its stand-in module
 * `worklets/<name>-source.ts`, and can write the same text as a file for pages that serve their worklets themselves.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const WORKLETS = new URL('../packages/client/src/audio/worklets/', import.meta.url);
const NAMES = ['capture', 'playback'];

/** The text of one worklet as a self-contained, minified script. */
export async function bundleWorklet(name) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`${name}-processor.ts`, WORKLETS))],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
  });
  return outputFiles[0].text.trim();
}

/**
 * @param {{ emit?: boolean }} [options] `emit` also writes `worklets/<name>-processor.js` into the output folder.
 * @returns {import('rollup').Plugin}
 */
export function workletPlugin({ emit = false } = {}) {
  return {
    name: 'voxproxy-worklet',
    async load(id) {
      const name = NAMES.find((one) => id.split('?')[0].endsWith(`/audio/worklets/${one}-source.ts`));
      if (!name) return null;
      const source = await bundleWorklet(name);
      if (emit) this.emitFile({ type: 'asset', fileName: `worklets/${name}-processor.js`, source });
      return `export const ${name}Source = ${JSON.stringify(source)};`;
    },
  };
}
