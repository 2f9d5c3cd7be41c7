/** Shows that every boundary rule can fail, and that each lets the allowed neighbour of the breach pass. */
import { describe, expect, test } from 'vitest';
import { findingsOf } from './all-rules.mjs';

const manifests = {
  '': { name: 'root', devDependencies: { vitest: '1' } },
  'packages/server': {
    name: '@voxproxy/server',
    exports: { '.': 'x', './contract': 'x', './testing': 'x' },
    dependencies: { ws: '1', jose: '1', pino: '1', zod: '1' },
  },
  'packages/client': {
    name: '@voxproxy/client',
    exports: { '.': 'x', './audio': 'x' },
    dependencies: { eventemitter3: '1', 'isomorphic-ws': '1' },
  },
  'packages/react': { name: '@voxproxy/react', exports: { '.': 'x' }, peerDependencies: { react: '1' } },
  e2e: { name: '@voxproxy/e2e', devDependencies: { express: '1' } },
};

const opening = '/** It is a fixture. */\n';
type Files = Record<string, string>;

function rulesOf(files: Files): string[] {
  const opened = Object.entries(files).map(([path, text]) => [path, opening + text]);
  return findingsOf(Object.fromEntries(opened), manifests).map((finding) => finding.rule);
}

const s = 'packages/server/src/';
const c = 'packages/client/src/';
const row = (rule: string, path: string, bad: string, good: string) => ({ rule, path, bad, good });

const cases = [
  row(
    'import/table',
    `${s}auth/jwt.ts`,
    `import { x } from '../relay/relay.ts';`,
    `import { x } from '../errors.ts';`,
  ),
  row(
    'import/table',
    `${s}auth/jwt.ts`,
    `import { S } from '../limits/store.ts';`,
    `import type { S } from '../limits/store.ts';`,
  ),
  row(
    'import/table',
    `${s}auth/jwt.ts`,
    `export * from '../usage/meter.ts';`,
    `export * from './principal.ts';`,
  ),
  row(
    'import/table',
    `${s}auth/jwt.ts`,
    `type X = import('../relay/relay.ts').X;`,
    `type X = import('../clock.ts').X;`,
  ),
  row('import/table', `${s}auth/jwt.ts`, `await import('pino');`, `await import('jose');`),
  row('import/table', `${s}contract/row.ts`, `import 'node:crypto';`, `import './other.ts';`),
  row('import/table', `${s}clock.ts`, `import './leg/leg.ts';`, ``),
  row('import/table', `${s}leg/ws-leg.ts`, `import './memory-leg.ts';`, `import './leg.ts';`),
  row(
    'import/table',
    `${s}http/router.ts`,
    `import '../upstream/dial.ts';`,
    `import '../upstream/secret.ts';`,
  ),
  row(
    'import/table',
    `${s}http/router.ts`,
    `import { R } from '../session/registry.ts';`,
    `import type { R } from '../session/registry.ts';`,
  ),
  row(
    'import/table',
    `${s}testing/mock.ts`,
    `import '../upstream/presets/deepgram.ts';`,
    `import '../contract/index.ts';`,
  ),
  row('import/table', `${c}options.ts`, `import '@voxproxy/server/contract';`, `import './contract.ts';`),
  row(
    'import/table',
    `${c}connection/session.ts`,
    `import { T } from '../token/token-source.ts';`,
    `import type { T } from '../token/token-source.ts';`,
  ),
  row('import/table', `${c}options.ts`, `import 'node:fs';`, `import 'eventemitter3';`),
  row(
    'import/table',
    'packages/react/src/provider.tsx',
    `import '@voxproxy/server';`,
    `import '@voxproxy/client/audio';`,
  ),
  row(
    'import/closed',
    `${s}session/session.ts`,
    `import type { O } from '../options.ts';`,
    `import type { O } from '../errors.ts';`,
  ),
  row('import/no-row', `${s}stray.ts`, '', ''),
  row('import/package', `${c}options.ts`, `import '../../server/src/errors.ts';`, `import './errors.ts';`),
  row('import/test', `${s}relay/relay.ts`, `import './relay.test.ts';`, `import './watermarks.ts';`),
  row(
    'import/test',
    `${s}relay/relay.ts`,
    `import '../../test/support/rig.ts';`,
    `import './watermarks.ts';`,
  ),
  row(
    'import/deep',
    'e2e/app/main.tsx',
    `import '@voxproxy/client/src/index.ts';`,
    `import '@voxproxy/client/audio';`,
  ),
  row('import/undeclared', `${s}auth/jwt.ts`, `import 'jsonwebtoken';`, `import 'jose';`),
  row('import/undeclared', `${s}leg/ws-leg.ts`, `import 'vitest';`, `import 'ws';`),
  row(
    'owner/provider-host',
    `${s}upstream/dial.ts`,
    'const a = `wss://api.deepgram.com/v1`;',
    `// See developers.deepgram.com.`,
  ),
  row('owner/reveal', `${s}session/session.ts`, `secret?.reveal();`, `secret?.toString();`),
  row('owner/ws', `${s}session/session.ts`, `import 'ws';`, `import '../leg/leg.ts';`),
  row(
    'owner/node-http',
    `${s}auth/credential.ts`,
    `import type { X } from 'node:http';`,
    `import 'node:net';`,
  ),
  row('owner/time', `${s}relay/relay.ts`, `globalThis.setTimeout(go, 5);`, `clock.setTimeout(go, 5);`),
  row('owner/time', `${c}connection/backoff.ts`, `const at = Date.now();`, `const at = new Date(0);`),
  row(
    'owner/time',
    `${c}connection/backoff.ts`,
    `const at = new Date();`,
    `const at = (Date: any) => Date.now();`,
  ),
  row('owner/environment', `${s}options.ts`, `const { env } = process;`, `const { env } = options;`),
  row('owner/environment', `${s}options.ts`, `const a = process['env'].A;`, `const a = process.version;`),
  row('owner/exit', `${s}cli/serve.ts`, `process.once('SIGTERM', stop);`, `process.once('warning', stop);`),
  row('owner/process-module', `${s}options.ts`, `import { env } from 'node:process';`, `import 'node:os';`),
  row('owner/console', `${s}relay/relay.ts`, `console.log('x');`, `log.console('x');`),
  row('owner/browser-socket', `${c}proxy-client.ts`, `new WebSocket('ws://x');`, `let a: WebSocket;`),
  row('owner/navigator', `${c}proxy-client.ts`, `navigator.onLine;`, `network.navigator;`),
  row('owner/audio', 'packages/react/src/provider.tsx', `new AudioContext();`, `let a: AudioContext;`),
  row('owner/close-number', `${s}relay/relay.ts`, `const x = 1008;`, `const x = 1024;`),
  row('owner/close-number', `${s}relay/relay.ts`, `leg.close(4401);`, `const size = 4096;`),
  row('owner/close-number', `${s}relay/relay.ts`, `if (event.code === 1000) end();`, `const ms = 5 * 1000;`),
  row('owner/close-number', `${s}relay/relay.test.ts`, `expect(code).toBe(1008);`, `upstream.close(1005);`),
  row('shape/default-export', `${s}errors.ts`, `export default 1;`, `export const one = 1;`),
  row('shape/name', `${s}relay/relay-helpers.ts`, '', ''),
  row('shape/name', `${s}relay/frameScanner.ts`, '', ''),
  row('shape/syntax', `${s}errors.ts`, `const = 1;`, `const a = 1;`),
  row('shape/todo', `${s}errors.ts`, `// TODO tidy up`, `// TODO(#12) tidy up`),
  row(
    'test/fixed-wait',
    `${s}errors.test.ts`,
    `await new Promise((r) => setTimeout(r, 5));`,
    `new Promise((_, reject) => setTimeout(reject, 5));`,
  ),
  row(
    'test/fixed-wait',
    `${s}errors.test.ts`,
    `await new Promise((ok) => setTimeout(() => ok(1), 5));`,
    `setTimeout(() => end(), 5);`,
  ),
  row(
    'test/fixed-wait',
    'e2e/specs/talk.spec.ts',
    `await page.waitForTimeout(500);`,
    `await page.waitForEvent('console');`,
  ),
  row('test/fixed-wait', 'packages/server/test/support/rig.ts', `await sleep(20);`, `await marker();`),
  row('test/only', `${s}errors.test.ts`, `test.only('x', () => {});`, `test('x', () => {});`),
  row(
    'test/skip',
    `${s}errors.test.ts`,
    `test.skip('x', () => {});`,
    `// reason: needs sound\ntest.skip('x', () => {});`,
  ),
  row(
    'test/skip',
    'e2e/specs/talk.spec.ts',
    `test.skip(isFirefox);`,
    `test.skip(isFirefox, 'it has no fake microphone');`,
  ),
  row(
    'test/length',
    `${s}errors.test.ts`,
    `test('x', () => {\n${'go();\n'.repeat(31)}});`,
    `test('x', () => {\n${'go();\n\n'.repeat(30)}});`,
  ),
];

/** The owners of what no other file may contain. */
const owners: [rule: string, path: string, text: string][] = [
  ['owner/provider-host', `${s}upstream/presets/deepgram.ts`, `const host = 'api.deepgram.com';`],
  ['owner/reveal', `${s}upstream/dial.ts`, `secret.reveal();`],
  ['owner/ws', `${s}leg/ws-leg.ts`, `import 'ws';`],
  ['owner/node-http', `${s}http/router.ts`, `import 'node:http';`],
  ['owner/time', `${s}clock.ts`, `setTimeout(go, Date.now());`],
  ['owner/environment', `${s}cli/config.ts`, `process.env;`],
  ['owner/exit', `${s}cli/main.ts`, `process.exit();`],
  ['owner/console', `${s}observability/log.ts`, `console.log();`],
  ['owner/browser-socket', `${c}connection/browser-websocket.ts`, `globalThis.WebSocket;`],
  ['owner/navigator', `${c}connection/network.ts`, `navigator.onLine;`],
  ['owner/audio', `${c}audio/capture.ts`, `new AudioContext();`],
  ['owner/close-number', `${s}contract/close-codes.ts`, `const row = 1008;`],
];

describe('boundary rules', () => {
  test.each(owners)('%s leaves %s alone', (rule, path, text) => {
    expect(rulesOf({ [path]: text })).not.toContain(rule);
    expect(rulesOf({ 'packages/client/src/proxy-client.ts': text, [`${s}relay/relay.ts`]: text })).toContain(
      rule,
    );
  });

  test.each(cases)('$rule flags $bad in $path', ({ rule, path, bad }) => {
    expect(rulesOf({ [path]: bad })).toContain(rule);
  });

  test.each(cases.filter(({ bad, good }) => bad !== good))(
    '$rule passes $good in $path',
    ({ rule, path, good }) => {
      expect(rulesOf({ [path]: good })).not.toContain(rule);
    },
  );

  test('finds a cycle of type imports and names its members', () => {
    const files = {
      [`${s}relay/a.ts`]: opening + `import type { B } from './b.ts';`,
      [`${s}relay/b.ts`]: opening + `import './a.ts';`,
    };
    const [found] = findingsOf(files, manifests);
    expect(found).toMatchObject({
      rule: 'import/cycle',
      line: 2,
      wrong: 'relay/a.ts → relay/b.ts → relay/a.ts',
    });
  });

  test('allows one file of the client to import the socket for Node, not two', () => {
    const one = { [`${c}connection/node-socket.ts`]: `import 'isomorphic-ws';` };
    expect(rulesOf(one)).toEqual([]);
    expect(rulesOf({ ...one, [`${c}connection/attempt.ts`]: `import 'isomorphic-ws';` })).toEqual([
      'owner/one-importer',
    ]);
  });

  test('wants an opening comment in words, after a shebang or a directive', () => {
    const rules = (text: string) => findingsOf({ [`${s}errors.ts`]: text }).map((finding) => finding.rule);
    expect(rules('export const a = 1;')).toEqual(['shape/opening']);
    expect(rules('// eslint-disable all of it\nexport const a = 1;')).toEqual(['shape/opening']);
    expect(rules(`'use client';\n// It says what it does.\nexport const a = 1;`)).toEqual([]);
    expect(rules('#!/usr/bin/env node\n/** It says what it does. */\nexport const a = 1;')).toEqual([]);
  });

  test('holds the spread of file lengths, counting neither blanks nor comments', () => {
    const file = (lines: number) => 'a();\n\n// why\n'.repeat(lines);
    const spread = (...lengths: number[]) =>
      rulesOf(Object.fromEntries(lengths.map((lines, index) => [`${s}relay/f${index}.ts`, file(lines)])));
    expect(spread(10, 80, 190)).toEqual([]);
    expect(spread(10, 81, 190)).toEqual(['length/spread']);
    expect(spread(10, 20, 201)).toEqual(['length/spread']);
  });
});
