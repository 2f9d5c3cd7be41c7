/** What a published package may contain: judged from the list of its files and their text. Pure. */

const published = /^(dist\/.+|package\.json|README\.md|LICENSE|PROTOCOL\.md|\.env\.example)$/;
const required = ['package.json', 'README.md', 'LICENSE'];
const isCode = (path) => /\.(js|cjs|ts|cts)$/.test(path);
const isSourceOrTest = (path) =>
  /\.(test|spec)\./.test(path) || (/\.[cm]?tsx?$/.test(path) && !/\.d\.[cm]?ts$/.test(path));

/**
 * @param files `{ path, text }` of everything in the package
 * @param machinePaths folders of this machine, which a build must not leave behind
 * @param forbidden `{ pattern, name }` that the code may not contain
 * @returns {string[]} one line a problem
 */
export function packageProblems(files, { machinePaths, forbidden = [] }) {
  const missing = required.filter((path) => !files.some((file) => file.path === path));
  return [
    ...missing.map((path) => `${path} is missing`),
    ...files.flatMap(({ path, text }) => [
      ...(published.test(path) && !isSourceOrTest(path) ? [] : [`${path} is not for publication`]),
      ...machinePaths
        .filter((folder) => text.includes(folder))
        .map((folder) => `${path} contains the path ${folder}`),
      ...(isCode(path) ? forbidden : [])
        .filter(({ pattern }) => pattern.test(text))
        .map(({ pattern, name }) => `${path} contains ${name}: ${text.match(pattern)[0]}`),
    ]),
  ];
}
