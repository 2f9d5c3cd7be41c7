import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { police } from '../../../test/support/policed.ts';
import { PRESETS } from '../presets/index.ts';
import { Secret } from '../secret.ts';
import { checkPolicy } from './check-policy.ts';
import { ELEVENLABS_POLICY } from './defaults-elevenlabs.ts';
import type { MessagePolicy } from './policy.ts';

const policies = PRESETS.flatMap(({ id, policy }) => (policy ? [[id, policy] as const] : []));
/** What a lenient vendor would read at a path: it takes one thing for a list of one, and each of a list for the one thing. */
function valuesAt(value: unknown, path: string): unknown[] {
  return readings(value, path.replaceAll('[*]', '').split('.'));
}

function readings(value: unknown, [name, ...names]: readonly string[]): unknown[] {
  if (name === undefined) return [value];
  if (Array.isArray(value)) return value.flatMap((element) => readings(element, [name, ...names]));
  const members = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  return members.has(name) ? readings(members.get(name), names) : [];
}

/** Everything that a policy speaks of, so that random messages meet its rules. */
function wordsOf({ rules = [], fields = {}, model }: MessagePolicy): string[] {
  const paths = [
    ...rules.flatMap(({ deny = [], values = {}, only = {} }) => [
      ...deny,
      ...Object.keys(values),
      ...Object.entries(only).flat(2),
    ]),
    ...Object.values(fields).flatMap(({ sent }) => sent.map(({ path }) => path)),
    ...(model?.places.map(({ path }) => path) ?? []),
  ];
  return [...new Set(paths.flatMap((path) => path.replaceAll('[*]', '').split('.')))].filter(
    (word) => word !== '',
  );
}

/** Messages of the policy's types out of its own words, with lists and texts where objects are expected. */
function messagesOf(policy: MessagePolicy): fc.Arbitrary<Record<string, unknown>> {
  const name = fc.constantFrom(...wordsOf(policy), 'type', 'constructor', 'toString');
  const leaf = fc.oneof(
    fc.constantFrom('function', 'mcp', 'user', 'system', 'message', 'the-model', 'mine', null, true, 0),
    fc.string(),
    fc.double(),
  );
  const { part } = fc.letrec<{ part: unknown }>((tie) => ({
    part: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      leaf,
      fc.dictionary(name, tie('part'), { maxKeys: 5 }),
      fc.array(tie('part'), { maxLength: 3 }),
    ),
  }));
  const type = fc.constantFrom(...(policy.types ?? []));
  return fc
    .tuple(type, fc.dictionary(name, part, { maxKeys: 6 }))
    .map(([of, members]) => ({ ...members, type: of }));
}

/** The same, along the paths of the policy, so that deep places are met. */
function aimedMessagesOf(policy: MessagePolicy): fc.Arbitrary<Record<string, unknown>> {
  const places = Object.values(policy.fields ?? {}).flatMap(({ sent }) => sent);
  const denied = (policy.rules ?? []).flatMap(({ types, deny = [] }) =>
    deny.map((path) => ({ types: types === '*' ? ['x'] : types, path })),
  );
  const value = fc.oneof(fc.constantFrom<unknown>('mine', null, [], {}), fc.jsonValue({ maxDepth: 2 }));
  const wrapped = fc.constantFrom<(inner: unknown) => unknown>(
    (inner) => inner,
    (inner) => [inner],
    (inner) => [inner, {}],
    (inner) => [[inner]],
  );
  return fc
    .tuple(fc.constantFrom(...places, ...denied), value, fc.array(wrapped, { minLength: 8, maxLength: 8 }))
    .map(([{ types, path }, leaf, wraps]) => {
      const names = path.replaceAll('[*]', '').split('.');
      const body = names.reduceRight<unknown>((inner, name, at) => ({ [name]: wraps[at]?.(inner) }), leaf);
      return { ...(body as object), type: types[0] };
    });
}

const sentBy = (policy: MessagePolicy): fc.Arbitrary<Record<string, unknown>> =>
  fc.oneof(messagesOf(policy), aimedMessagesOf(policy));

describe.each(policies)('the policy of %s', (_, policy) => {
  it('can work', () => {
    expect(checkPolicy('policy', policy)).toBe(policy);
  });

  it('forwards nothing that it denies, and no value that it does not allow, whatever is sent', () => {
    fc.assert(
      fc.property(sentBy(policy), (message) => {
        const sent = police(policy).sent(message) as { type: string } | undefined;
        if (!sent) return;
        expect(policy.types).toContain(sent.type);
        for (const { types, deny = [], values = {} } of policy.rules ?? []) {
          if (!types.includes(sent.type)) continue;
          for (const path of deny) expect(valuesAt(sent, path), path).toEqual([]);
          for (const [path, allowed] of Object.entries(values))
            for (const value of valuesAt(sent, path)) expect(allowed).toContain(value);
        }
        for (const { types, path } of policy.model?.places ?? [])
          if (types.includes(sent.type))
            for (const value of valuesAt(sent, path)) expect(['the-model', 'a']).toContain(value);
      }),
      { numRuns: 200 },
    );
  });

  it('forwards the server’s value at every place of each locked field, whatever is sent', () => {
    const names = Object.keys(policy.fields ?? {});
    fc.assert(
      fc.property(fc.constantFrom(...names), sentBy(policy), (name, message) => {
        const locked = { [name]: { ours: new Secret('of the server') } };
        const sent = police({ ...policy, locked, opensWith: undefined }).sent(message) as
          { type: string } | undefined;
        if (!sent) return;
        for (const { types, path, always } of policy.fields?.[name]?.sent ?? []) {
          if (!types.includes(sent.type)) continue;
          const values = valuesAt(sent, path);
          if (always) expect(values.length, path).toBeGreaterThan(0);
          for (const value of values) expect(value).toEqual({ ours: 'of the server' });
        }
      }),
      { numRuns: 400 },
    );
  });

  it('shows nothing of what it blanks, whatever the provider says', () => {
    const blanks = [
      ...(policy.blank ?? []),
      ...Object.values(policy.fields ?? {}).flatMap(({ echoed = [] }) => echoed),
    ];
    const locked = Object.fromEntries(Object.keys(policy.fields ?? {}).map((name) => [name, 'ours']));
    for (const { types, path } of blanks)
      for (const type of types) {
        const names = path.replaceAll('[*]', '').split('.');
        const body = names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), 'ours');
        const shown = police({ ...policy, locked }).shown({ ...(body as object), type });
        expect(valuesAt(shown, path), `${type} ${path}`).toEqual(['']);
      }
  });
});

it('takes texts alone where the provider knows no binary messages of clients', () => {
  const ids = policies.filter(([, { onlyText }]) => onlyText).map(([id]) => id);
  expect(ids.toSorted()).toEqual([
    'azure-openai',
    'azure-voice-live',
    'elevenlabs-agents',
    'openai-realtime',
  ]);
});

describe("the form of ElevenLabs' SDK", () => {
  const opening = (override: object): object => ({
    type: 'conversation_initiation_client_data',
    conversation_config_override: { agent: {}, tts: {}, conversation: { text_only: false }, ...override },
    source_info: { source: 'js_sdk', version: '1.25.0' },
  });

  it('passes where nothing is overridden but what may be', () => {
    for (const override of [{}, { agent: { language: 'de' } }, { agent: { prompt: {} } }])
      expect(police(ELEVENLABS_POLICY).sent(opening(override))).toEqual(opening(override));
  });

  it.each([
    { tts: { voice_id: 'another' } },
    { agent: { prompt: { prompt: 'mine' } } },
    { asr: { keywords: [] } },
  ])('is refused with %j', (override) => {
    expect(police(ELEVENLABS_POLICY).sent(opening(override))).toBeUndefined();
  });
});
