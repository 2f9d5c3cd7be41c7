/** Parses a JSON object that is neither deep nor crowded. */
import { badRequest } from './fault.ts';
import { findExcess } from './json-excess.ts';

/** `what` begins the sentence that says what is wrong; `notJson` is the one for what is no object. @throws HttpFault */
export function parseObject(text: string, what: string, notJson: string): Readonly<Record<string, unknown>> {
  const excess = findExcess(text);
  if (excess !== undefined) throw badRequest(`${what} ${excess}.`);
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest(notJson);
  return value as Readonly<Record<string, unknown>>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
