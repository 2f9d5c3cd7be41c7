/** A wait for something that must happen; it fails, by name, when it does not. */

const DEADLINE_MS = 3_000;

export function withDeadline<Value>(
  what: string,
  start: (resolve: (value: Value) => void) => void,
): Promise<Value> {
  const { stack } = new Error();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(Object.assign(new Error(`${what} did not get there within ${DEADLINE_MS} ms`), { stack }));
    }, DEADLINE_MS);
    start((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
