/** The files of the built page, read once, so that no request path ever reaches the file system. Sends nothing. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WORKLET_PATH } from '../demo-contract.ts';

export interface PageFile {
  type: string;
  body: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wav': 'audio/wav',
};

/** By URL path. Rejects when the page is not built. */
export async function readPageFiles(folder: URL): Promise<ReadonlyMap<string, PageFile>> {
  const root = fileURLToPath(folder);
  const worklet = import.meta.resolve('@voxproxy/client/audio-worklet.js');
  const files = new Map([[WORKLET_PATH, await readPageFile(fileURLToPath(worklet))]]);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${relative(root, path).split(sep).join('/')}`, await readPageFile(path));
  }
  const index = files.get('/index.html');
  if (!index) throw new Error(`There is no page in ${root}. Run npm run build first.`);
  return files.set('/', index);
}

async function readPageFile(path: string): Promise<PageFile> {
  return { type: TYPES[extname(path)] ?? 'application/octet-stream', body: await readFile(path) };
}
