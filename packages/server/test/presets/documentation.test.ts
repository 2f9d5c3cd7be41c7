import { readFile } from 'node:fs/promises';
import { compileFunction } from 'node:vm';
import { expect, test } from 'vitest';
import * as server from '../../src/index.ts';
import { createVoiceProxy, none, type VoiceProxy, type VoiceProxyOptions } from '../../src/index.ts';

const text = await readFile(new URL('../../../../docs/presets.md', import.meta.url), 'utf8');
const sections = text.split(/^#+ /m).flatMap((section) => {
  const [title = ''] = section.split('\n');
  return [...section.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => [title, code] as const);
});
const env = {
  DEEPGRAM_API_KEY: 'dg-key',
  OPENAI_API_KEY: 'sk-key',
  ANTHROPIC_API_KEY: 'sk-ant-key',
  EXAMPLE_API_KEY: 'example-key',
  JWT_SECRET: 'a-signing-secret-of-a-test-0123456789abcdef',
};

test.for(sections)('runs the example of "%s"', async ([, code], context) => {
  const [, list = ''] = /^import \{(.*)\} from '@voxproxy\/server';$/m.exec(code) ?? [];
  for (const name of list.split(',')) expect(server).toHaveProperty(name.trim());
  const proxies: VoiceProxy[] = [];
  context.onTestFinished(() => Promise.all(proxies.map((proxy) => proxy.close())).then(() => undefined));
  const serve = (options: VoiceProxyOptions): void =>
    void proxies.push(createVoiceProxy({ ...options, logger: false }));
  const [, made] = /^const (routes?) = /m.exec(code) ?? [];
  const scope = { ...server, createVoiceProxy: serve, process: { env } };
  const body = `${code.replaceAll(/^import .*$/gm, '')}\nreturn ${made};`;
  const run = compileFunction(body, Object.keys(scope)) as (...values: unknown[]) => never;
  const routes = run(...(Object.values(scope) as unknown[]));
  if (made !== undefined)
    serve({ auth: none(), routes: made === 'routes' ? routes : { '/documented': routes } });
  expect(proxies).toHaveLength(1);
});

test('has examples', () => {
  expect(sections.length).toBeGreaterThan(3);
});
