/** What a log line may say of an error that nobody expected. */

/** Name and stack frames only: an exception's text can hold a URL, a token or what an upstream sent. */
export function errorFacts(error: unknown): { name: string; at: string[] } {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  const stack = error.stack ?? '';
  // The stack repeats the text, which may itself look like frames; a text changed since cannot be told from them.
  const end = stack.indexOf(error.message) + error.message.length;
  const told = stack.includes(error.message) ? stack.slice(end) : '';
  const frames = told.split('\n').filter((line) => /^\s+at /.test(line));
  return { name: error.name, at: frames.slice(0, 8).map((line) => line.trim()) };
}
