/** Whether a media type is one of a list. */

/** `type` is in lower case; `audio/*` in the list stands for all that begin so. */
export function isOneOf(types: readonly string[], type: string): boolean {
  return types.some((one) => (one.endsWith('/*') ? type.startsWith(one.slice(0, -1)) : type === one));
}
