/** Only what stands between the marks of the document is replaced. */
import { expect, test } from 'vitest';
import { replaceMeasured, sectionOf } from './document.mjs';

test('puts the section between the marks, again and again', () => {
  const text = '# Title\n\n<!-- measured -->\n\nold\n\n<!-- end -->\n\nrest\n';
  const section = sectionOf({ date: '2030-01-01', machine: ['Machine: one.'], table: '| a |', notes: ['b'] });
  const once = replaceMeasured(text, section);
  expect(once).toBe(
    '# Title\n\n<!-- measured -->\n\nMeasured on 2030-01-01.\nMachine: one.\nNotes: b.\n\n| a |\n\n<!-- end -->\n\nrest\n',
  );
  expect(replaceMeasured(once, section)).toBe(once);
});

test('a document without the marks is an error', () => {
  expect(() => replaceMeasured('# Title', 'x')).toThrow('measured');
});
