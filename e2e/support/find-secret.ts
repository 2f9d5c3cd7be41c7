/** Finds a secret in whatever a browser or a log has shown, plain and in the encodings in which secrets have leaked. */
import { isProxy } from 'node:util/types';

/** Where it was found, and how it was written; never the secret itself. */
export interface SecretFinding {
  place: string;
  form: string;
}

/** Everything below `value` is searched: texts, bytes, keys, and what errors and maps hold. */
export function findSecret(secret: string, value: unknown, place = 'value'): SecretFinding[] {
  const forms = formsOf(secret);
  return [...textsOf(value, place, new Set())].flatMap(([at, text]) =>
    forms.filter((form) => form.isIn(text)).map(({ name }) => ({ place: at, form: name })),
  );
}

interface Form {
  name: string;
  isIn(text: string): boolean;
}

function formsOf(secret: string): Form[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const plain: Form = { name: 'plain', isIn: (text) => text.includes(secret) };
  const decoded: Form = {
    name: 'percent-encoded',
    isIn: (text) => text.includes('%') && !text.includes(secret) && percentDecoded(text).includes(secret),
  };
  const inHex: Form = { name: 'hexadecimal', isIn: (text) => text.toLowerCase().includes(hex) };
  return [plain, decoded, inHex, ...[0, 1, 2].map((offset) => base64Form(bytes, offset))];
}

/** Three bytes become four characters, so the same text looks different at each of three offsets. */
function base64Form(bytes: Buffer, offset: number): Form {
  const before = Buffer.alloc(offset);
  const whole = Math.floor((offset + bytes.length) / 3) * 3;
  const core = Buffer.concat([before, bytes]).subarray(offset === 0 ? 0 : 3, whole);
  const needles = [core.toString('base64'), core.toString('base64url')];
  return {
    name: `base64 at offset ${offset}`,
    isIn: (text) => needles.some((needle) => text.includes(needle)),
  };
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function* textsOf(
  value: unknown,
  place: string,
  seen: Set<object>,
): Generator<[place: string, text: string]> {
  if (typeof value === 'string') return yield [place, value];
  if (typeof value !== 'object' || value === null || seen.has(value) || isProxy(value)) return undefined;
  seen.add(value);
  if (ArrayBuffer.isView(value)) {
    return yield [place, Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')];
  }
  for (const [key, part] of partsOf(value)) {
    yield [`a key of ${place}`, key];
    yield* textsOf(part, `${place}.${key}`, seen);
  }
  return undefined;
}

/** Own properties, also hidden ones such as an error's message. */
function partsOf(value: object): [key: string, part: unknown][] {
  if (value instanceof Map) return [...value].map(([key, part]) => [String(key), part]);
  if (value instanceof Set) return [...value].map((part, index) => [String(index), part]);
  return Object.entries(Object.getOwnPropertyDescriptors(value)).map(([key, { value: part }]) => [key, part]);
}
