/** What the package is to its importers: nothing happens on import, and a page loads neither ws nor the server's words. */
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { expect, test, vi } from 'vitest';
import { ERROR_MESSAGES } from '@voxproxy/server/contract';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a bundler makes of an import for a page. */
async function bundle(contents: string): Promise<{ text: string; meta: Metafile }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root },
    ...{ bundle: true, minify: true, write: false, metafile: true, format: 'esm', platform: 'browser' },
    conditions: ['@voxproxy/source'],
    target: 'es2022',
  });
  return { text: outputFiles[0]?.text ?? '', meta: metafile };
}

test('does nothing when it is imported', async () => {
  const names = Object.keys(globalThis);
  const traps = ['addEventListener', 'setTimeout', 'setInterval', 'queueMicrotask'] as const;
  const called = traps.map((name) => {
    const trap = vi.fn();
    vi.stubGlobal(name, trap);
    return trap;
  });
  try {
    vi.resetModules();
    await import('@voxproxy/client');
  } finally {
    vi.unstubAllGlobals();
  }
  for (const trap of called) expect(trap).not.toHaveBeenCalled();
  expect(Object.keys(globalThis)).toEqual(names);
});

test('takes the socket of the browser, and no package that is for Node', async () => {
  const { meta } = await bundle(`export { ProxyClient } from '@voxproxy/client';`);
  const files = Object.keys(meta.inputs);
  expect(files.some((file) => file.endsWith('connection/browser-websocket.ts'))).toBe(true);
  expect(files.filter((file) => /isomorphic-ws|node_modules\/ws\//.test(file))).toEqual([]);
});

test('does not carry the sentences of the server', async () => {
  const { text } = await bundle(`export * from '@voxproxy/client';`);
  for (const sentence of Object.values(ERROR_MESSAGES)) expect(text).not.toContain(sentence);
  expect(text).not.toContain('@voxproxy/server');
});

test('can be imported where there is no page', async () => {
  const { ProxyClient } = await import('@voxproxy/client');
  const client = new ProxyClient({ url: '/deepgram-proxy' });
  expect(client.getSnapshot()).toEqual({ state: 'idle', attempt: 0, bufferedBytes: 0 });
});
