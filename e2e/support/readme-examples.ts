/** The examples of README.md as they stand there, and the few changes without which no test could run them. */
import { readFileSync } from 'node:fs';

const README = new URL('../../README.md', import.meta.url);

/** The first example in this language. */
export function readmeExample(language: 'js' | 'tsx'): string {
  const text = readFileSync(README, 'utf8');
  const [, code] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(text) ?? [];
  if (!code) throw new Error(`README.md has no example in ${language}`);
  return code;
}

/** Throws unless `part` stands in the text exactly once. */
export function replaceOnce(text: string, part: string, by: string): string {
  const pieces = text.split(part);
  if (pieces.length !== 2) throw new Error(`${part} stands ${pieces.length - 1} times in the example`);
  return pieces.join(by);
}
