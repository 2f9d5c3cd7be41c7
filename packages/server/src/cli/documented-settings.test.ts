/** What the command reads and what its example explains are the same variables. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readServeConfig, type Environment } from './config.ts';
import { LIMIT_SETTINGS } from './limit-settings.ts';

const EXAMPLE = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const EXPLAINED = [...EXAMPLE.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1] as string);
/** Read, but nobody's to set for voxproxy alone. */
const FOREIGN = ['NODE_ENV'];

const KEY = 'a-provider-key-0123456789';
const PROVIDERS: Environment = {
  ...{ DEEPGRAM_API_KEY: KEY, ANTHROPIC_API_KEY: KEY, CLAUDE_MODEL: 'a-model' },
  ...{ AZURE_VOICE_LIVE_API_KEY: KEY, AZURE_VOICE_LIVE_RESOURCE: 'mine' },
  ...{ AZURE_OPENAI_API_KEY: KEY, AZURE_OPENAI_RESOURCE: 'mine', AZURE_OPENAI_DEPLOYMENTS: 'one' },
  ...{ ASR_SOCKET_URL: 'wss://asr.test/', ASR_UPLOAD_URL: 'https://asr.test/' },
};
const TENANT = '11111111-2222-3333-4444-555555555555';
const SECRET = 'a-signing-secret-of-32-bytes-or-more';
/** Each way to know users reads variables of its own. */
const STARTS: readonly Environment[] = [
  { JWT_SECRET: SECRET },
  { AUTH: 'hmac', HMAC_SECRET: SECRET },
  { AUTH: 'entra', ENTRA_TENANT_ID: TENANT, ENTRA_AUDIENCES: 'api://mine' },
  { AUTH: 'entra-unchecked' },
  { AUTH: 'none', HOST: '0.0.0.0', NODE_ENV: 'production', BEHIND_TLS_PROXY: 'true' },
  {
    ...{ AZURE_VOICE_LIVE_API_KEY: '', AZURE_VOICE_LIVE_PASS_USER_TOKENS: 'true', AUTH: 'entra' },
    ...{ ENTRA_TENANT_ID: TENANT, ENTRA_AUDIENCES: 'api://mine' },
    ...{ AZURE_VOICE_LIVE_AGENT_ID: 'a', AZURE_VOICE_LIVE_AGENT_PROJECT: 'p' },
    ...{ AZURE_VOICE_LIVE_NAMED_AGENT: 'a', AZURE_VOICE_LIVE_NAMED_AGENT_PROJECT: 'p' },
  },
];

/** The names that are looked up while the settings are read. */
function namesRead(env: Environment): string[] {
  const names = new Set<string>();
  const watched = new Proxy(env, {
    get(target, name) {
      if (typeof name === 'string') names.add(name);
      return target[String(name)];
    },
  });
  readServeConfig(watched);
  return [...names];
}

test('the example explains every variable that is read, once, and no other', () => {
  const read = new Set(STARTS.flatMap((start) => namesRead({ ...PROVIDERS, ...start })));
  for (const name of FOREIGN) read.delete(name);
  expect(EXPLAINED.toSorted()).toEqual([...read].toSorted());
});

test('the example says of each limit what it is', () => {
  const comments = EXAMPLE.toLowerCase();
  for (const { name, says } of LIMIT_SETTINGS)
    expect(comments).toContain(`# ${says}.\n${name}=`.toLowerCase());
});

/** The README shortens the names of a family, and has one row for all limits. */
const formsOf = (name: string): string[] => {
  const family = /^AZURE_(?:VOICE_LIVE|OPENAI)_(.*)$/.exec(name);
  return [`\`${name.replace(/^LIMIT_.*/, 'LIMIT_…')}\``, ...(family ? [`\`…_${family[1]}\``] : [])];
};

test.each(EXPLAINED)('the README has %s in its table', (name) => {
  expect(formsOf(name).filter((form) => README.includes(form))).not.toEqual([]);
});
