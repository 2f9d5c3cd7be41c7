/** Rows as a table that reads well in a terminal and as Markdown. Pure. */

/** @param {{ title: string, isNumber?: boolean }[]} columns @param {string[][]} rows of as many cells */
export function tableOf(columns, rows) {
  const widths = columns.map(({ title }, index) =>
    Math.max(3, title.length, ...rows.map((row) => row[index].length)),
  );
  const fit = (text, index) =>
    columns[index].isNumber ? text.padStart(widths[index]) : text.padEnd(widths[index]);
  const line = (cells) => `| ${cells.map(fit).join(' | ')} |`;
  const rule = columns.map(({ isNumber }, index) =>
    isNumber ? `${'-'.repeat(widths[index] - 1)}:` : '-'.repeat(widths[index]),
  );
  return [line(columns.map(({ title }) => title)), line(rule), ...rows.map(line)].join('\n');
}
