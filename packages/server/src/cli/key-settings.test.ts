import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, type HttpRoute, type Route } from '../index.ts';
import { readServeConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'voxproxy-key-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileWith = (text: string): string => {
  const path = join(folder, `${Math.random()}`);
  writeFileSync(path, text);
  return path;
};

const [KEY, NEXT] = ['a-provider-key-0123456789', 'the-next-key-fedcba9876543'] as const;
const start = { JWT_SECRET: 'a-signing-secret-of-32-bytes-or-more' };
const asr = { ASR_SOCKET_URL: 'wss://asr.test/', ASR_UPLOAD_URL: 'https://asr.test/' };

const NAMES: [name: string, path: string, others: Record<string, string>][] = [
  ['DEEPGRAM_API_KEY', '/deepgram-proxy', {}],
  ['ANTHROPIC_API_KEY', '/api/query', { CLAUDE_MODEL: 'a-model' }],
  ['AZURE_VOICE_LIVE_API_KEY', '/ws', { AZURE_VOICE_LIVE_RESOURCE: 'mine' }],
  [
    'AZURE_OPENAI_API_KEY',
    '/openai/realtime',
    { AZURE_OPENAI_RESOURCE: 'mine', AZURE_OPENAI_DEPLOYMENTS: 'one' },
  ],
  ['ASR_SOCKET_KEY', '/ws/asr', asr],
  ['ASR_UPLOAD_KEY', '/api/v1/asr/transcribe', asr],
];

const routeAt = (env: Record<string, string>, path: string): Route | HttpRoute => {
  const route = readServeConfig({ ...start, ...env }).proxy.routes[path];
  if (!route) throw new Error(`no route ${path}`);
  return route;
};

describe.each(NAMES)('%s', (name, path, others) => {
  it('may be a file, whose keys are read again and again', async () => {
    const file = fileWith(`${KEY}\n`);
    const source = routeAt({ ...others, [`${name}_FILE`]: file }, path).keys?.origin?.source;
    const { signal } = new AbortController();
    expect(await source?.load(signal)).toEqual([KEY]);
    writeFileSync(file, `${NEXT}\n${KEY}\n`);
    expect(await source?.load(signal)).toEqual([NEXT, KEY]);
  });

  it.each([
    ['is not there', () => join(folder, 'none'), 'cannot be read (ENOENT). Give the path'],
    ['is a folder', () => folder, 'cannot be read (EISDIR). Give the path'],
    ['is empty', () => fileWith('\n'), 'has 0 keys'],
    ['holds no key', () => fileWith(`${KEY}\nnot a key\n`), 'has a character'],
  ])('is told by its name when the file %s', (_, toPath, says) => {
    const read = (): unknown => routeAt({ ...others, [`${name}_FILE`]: toPath() }, path);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(`${name}_FILE: `);
    expect(read).toThrow(says);
    expect(read).not.toThrow(KEY);
  });

  it('is not both', () => {
    const env = { ...others, [name]: KEY, [`${name}_FILE`]: fileWith(KEY) };
    expect(() => routeAt(env, path)).toThrow(`${name}_FILE: is set, and so is ${name}. Set one of them.`);
  });
});
