/** A form of a client: read whole, judged as one object of its fields, and written anew, so that two parsers cannot disagree about it. */
import type { ApiForm } from '../upstream/http-api.ts';
import { parseFields } from './form-fields.ts';
import type { Exchange } from './http-route.ts';
import { createJsonJudge } from './json-judge.ts';
import { parseObject } from './json-object.ts';
import { readWhole } from './whole-body.ts';

export interface WrittenForm {
  readonly body: Buffer;
  readonly type: string;
}

/** Rejects with an HttpFault that names the field which may not be so. */
export type JudgeForm = (exchange: Exchange, timeMs: number) => Promise<WrittenForm>;

const JSON_TYPE = 'application/json';

export function createFormJudge({ fields, rules, maxBytes }: ApiForm): JudgeForm {
  const judge = createJsonJudge(rules);
  const names = Object.keys(fields);
  const read = (name: string, text: string): unknown =>
    fields[name] === JSON_TYPE
      ? parseObject(text, `The field ${name}`, `The field ${name} is no JSON object.`)
      : text;
  return async ({ request, bodySha256: sha256, clock, signal }, timeMs) => {
    const bytes = await readWhole(request, { maxBytes, timeMs, sha256, signal }, clock);
    const texts = await parseFields(request.headers['content-type'] ?? '', bytes, names);
    const given = Object.fromEntries([...texts].map(([name, text]) => [name, read(name, text)]));
    return write(fields, judge(given));
  };
}

/** As the provider's own SDK writes it: each field with its type, and without the name of a file. */
async function write(
  fields: ApiForm['fields'],
  judged: Readonly<Record<string, unknown>>,
): Promise<WrittenForm> {
  const form = new FormData();
  for (const [name, type] of Object.entries(fields)) {
    const value = judged[name];
    if (value === undefined) continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    form.append(name, new File([text], '', { type }));
  }
  const written = new Response(form);
  const body = Buffer.from(await written.arrayBuffer());
  return { body, type: written.headers.get('content-type') ?? '' };
}
