/** The measured section of docs/performance.md, put between its two marks. Pure. */

const OPENING = '<!-- measured -->';
const CLOSING = '<!-- end -->';

/** @param {{ date: string, machine: string[], table: string, notes: string[] }} run */
export const sectionOf = ({ date, machine, table, notes }) =>
  [
    `Measured on ${date}.`,
    ...machine,
    ...(notes.length > 0 ? [`Notes: ${notes.join('; ')}.`] : []),
    '',
    table,
  ].join('\n');

/** @throws Error where the marks are not there */
export function replaceMeasured(text, section) {
  const from = text.indexOf(OPENING);
  const to = text.indexOf(CLOSING, from);
  if (from < 0 || to < 0) throw new Error(`no ${OPENING} … ${CLOSING} in the document`);
  return `${text.slice(0, from + OPENING.length)}\n\n${section}\n\n${text.slice(to)}`;
}
