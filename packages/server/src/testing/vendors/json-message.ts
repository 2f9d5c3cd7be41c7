/** Reads the JSON of a message or a body; tolerates everything that is none. */

/** The fields of a JSON object; undefined for everything else. */
export function readMessage(payload: Buffer): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(payload.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** The value when it is an object with fields. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}
