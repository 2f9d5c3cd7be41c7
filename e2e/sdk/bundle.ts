/** Makes one script for a browser of a page of pages/, with its SDK as published; once for each page and run. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const made = new Map<string, Promise<string>>();

/** `page` is the name of a file in pages/ without its ending. Rejects when it cannot be built. */
export function bundlePage(page: string): Promise<string> {
  const known = made.get(page);
  if (known) return known;
  const making = bundle(page);
  made.set(page, making);
  return making;
}

async function bundle(page: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`pages/${page}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
