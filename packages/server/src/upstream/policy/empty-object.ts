/** The mark at the end of a path in a list of members: what is there may be an object without any. SDKs send forms that nobody filled in. */
import type { JsonPath } from './policy.ts';

export const EMPTY_OBJECT = '{}';

/** The path of the object itself. */
export function withoutEmpty(path: JsonPath): JsonPath {
  return path.endsWith(`.${EMPTY_OBJECT}`) ? path.slice(0, -EMPTY_OBJECT.length - 1) : path;
}
