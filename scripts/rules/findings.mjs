/** What the rules share: paths, tests, and the one shape of a finding. */

/** Whether `path` is one of `places`: an exact file, or below a place that ends in `/`. */
export function isIn(path, places) {
  return places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));
}

export const isTestFile = (path) => /\.(test|spec)\.(ts|tsx|mjs)$/.test(path);

/** Test files, and the code that serves only tests. */
export const isTestCode = (path) =>
  isTestFile(path) ||
  /^(packages\/[^/]+\/test\/|e2e\/(specs|support|local\/support)\/|e2e\/playwright\.config\.ts$)/.test(path);

/** `file:line  rule  what is wrong  what to do` is made of this. */
export const finding = ({ path, line }, rule, wrong, todo) => ({ file: path, line, rule, wrong, todo });
