/**
 * Looks for a secret in anything: bytes, texts and objects, plain and in the encodings in which secrets have leaked.
 * It reports where and how; it never repeats the secret.
 */
import { isProxy } from 'node:util/types';

/** One finding. */
export interface SecretHit {
  /** Where, such as `logs[3].err.message`. */
  readonly place: string;
  /** How it was written, such as `base64 at offset 1` or `plain, after percent-decoding`. */
  readonly form: string;
}

const SHORTEST_SECRET = 8;

/** All places below `value` that hold the secret. Throws a TypeError for a secret too short to be told from chance. */
export function findSecret(secret: string, value: unknown, place = 'value'): SecretHit[] {
  if (secret.length < SHORTEST_SECRET)
    throw new TypeError(`a secret shorter than ${SHORTEST_SECRET} characters`);
  const needles = needlesOf(secret);
  const hits: SecretHit[] = [];
  for (const leaf of leavesOf(value, place)) {
    for (const form of formsIn(leaf.text, needles)) hits.push({ place: leaf.place, form });
  }
  return hits;
}

/** Throws an Error that lists the findings, if there are any. */
export function expectNoSecret(secret: string, value: unknown, place = 'value'): void {
  const hits = findSecret(secret, value, place);
  if (hits.length === 0) return;
  throw new Error(
    `the secret was found ${hits.length} times:\n${hits.map((hit) => `- ${hit.place}: ${hit.form}`).join('\n')}`,
  );
}

interface Needle {
  readonly form: string;
  readonly isIn: (text: string) => boolean;
}

function needlesOf(secret: string): Needle[] {
  const bytes = Buffer.from(secret, 'utf8');
  const hex = bytes.toString('hex');
  const plain: Needle[] = [
    { form: 'plain', isIn: (text) => text.includes(bytes.toString('latin1')) },
    { form: 'hex', isIn: (text) => text.toLowerCase().includes(hex) },
  ];
  return [0, 1, 2].reduce<Needle[]>(
    (needles, offset) => [...needles, ...base64Needles(bytes, offset)],
    plain,
  );
}

/** Base64 writes three bytes as four characters, so a text looks different at each of three offsets in its surroundings. */
function base64Needles(bytes: Buffer, offset: number): Needle[] {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const whole = Math.floor(padded.length / 3) * 3;
  // Only groups that hold nothing but the secret look the same wherever it stands.
  const core = padded.subarray(offset === 0 ? 0 : 3, whole).toString('base64');
  const urlCore = core.replaceAll('+', '-').replaceAll('/', '_');
  const needle = (form: string, text: string): Needle => ({ form, isIn: (inText) => inText.includes(text) });
  const standard = needle(`base64 at offset ${offset}`, core);
  return core === urlCore ? [standard] : [standard, needle(`base64url at offset ${offset}`, urlCore)];
}

/** The ways to read a text, each as often as encodings are stacked in practice. */
const READINGS: readonly (readonly [name: string, read: (text: string) => string])[] = [
  ['', (text) => text],
  [', after percent-decoding', percentDecoded],
  [', after percent-decoding twice', (text) => percentDecoded(percentDecoded(text))],
  [', after JSON unescaping', jsonUnescaped],
  [', after JSON unescaping and percent-decoding', (text) => percentDecoded(jsonUnescaped(text))],
];

function formsIn(text: string, needles: readonly Needle[]): string[] {
  const seen = new Set<string>();
  return READINGS.flatMap(([name, read]) => {
    const reading = read(text);
    if (seen.has(reading)) return [];
    seen.add(reading);
    return needles.filter((needle) => needle.isIn(reading)).map((needle) => `${needle.form}${name}`);
  });
}

/** Decodes each sequence on its own, so that half-encoded and broken texts are read as far as they go. */
function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function jsonUnescaped(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\(["\\/])/g, '$1');
}

interface Leaf {
  readonly place: string;
  /** One character a byte, so that bytes and texts are searched alike. */
  readonly text: string;
}

function* leavesOf(value: unknown, place: string, seen = new Set<object>()): Generator<Leaf> {
  if (typeof value === 'string') yield { place, text: Buffer.from(value, 'utf8').toString('latin1') };
  if (typeof value === 'symbol') yield { place, text: String(value) };
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
  seen.add(value);
  if (ArrayBuffer.isView(value)) {
    yield { place, text: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1') };
  } else {
    for (const [key, part] of partsOf(value)) {
      yield* leavesOf(key, `a key of ${place}`, seen);
      yield* leavesOf(part, joinPlace(place, key), seen);
    }
  }
}

const joinPlace = (place: string, key: string): string =>
  /^\d+$/.test(key) ? `${place}[${key}]` : `${place}.${key}`;

/** Everything inside an object: entries of maps and sets, and own properties, hidden ones such as an error's included. */
function* partsOf(value: object): Generator<[key: string, part: unknown]> {
  if (isProxy(value)) return;
  if (value instanceof Map) for (const [key, part] of value) yield [String(key), part];
  if (value instanceof Set) for (const [index, part] of [...value].entries()) yield [String(index), part];
  // A getter in newer versions of Node, and safe to run.
  if (value instanceof Error) yield ['stack', value.stack];
  for (const key of Reflect.ownKeys(value)) {
    if (key === 'stack' && value instanceof Error) continue;
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    // Getters are not run: reading must not change what is read.
    if (descriptor && 'value' in descriptor) yield [String(key), descriptor.value];
  }
}
