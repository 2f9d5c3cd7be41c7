/**
 * Rollup and Vite plugin that puts the bundled text of the audio worklet into its stand-in module, and can write the
 * same text as a file for pages that serve it themselves.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ENTRY = new URL('../packages/client/src/audio/worklets/processors.ts', import.meta.url);
const STAND_IN = /\/audio\/worklets\/source\.ts(\?|$)/;

/** The worklet as one self-contained, minified script. */
export async function bundleWorklet() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(ENTRY)],
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
 * @param {{ fileName?: string }} [options] `fileName` also writes the script, under this name in the output folder.
 * @returns {import('rollup').Plugin}
 */
export function workletPlugin({ fileName } = {}) {
  return {
    name: 'voxproxy-worklet',
    async load(id) {
      if (!STAND_IN.test(id)) return null;
      const source = await bundleWorklet();
      if (fileName) this.emitFile({ type: 'asset', fileName, source });
      return `export const workletSource = ${JSON.stringify(source)};`;
    },
  };
}
