import { describe, expect, it } from 'vitest';
import { HttpFault } from './fault.ts';
import { fillTemplate, SHIPPED_TEMPLATES, type Template } from './templates.ts';

const template: Template = {
  instruction: 'Do it.',
  parameters: {
    period: { type: 'text', maxLength: 10, isRequired: true },
    share: { type: 'number', min: 0, max: 100 },
    figures: { type: 'object', maxLength: 20 },
  },
};

function faultOf(given: Record<string, unknown>): unknown {
  try {
    fillTemplate(template, given);
  } catch (error) {
    return error instanceof HttpFault ? { status: error.fault.status, ...error.fault.more } : error;
  }
  throw new Error('it was accepted');
}

describe('the shipped templates', () => {
  it('are the four of the old system', () => {
    expect(Object.keys(SHIPPED_TEMPLATES)).toEqual([
      ...['mrr_analysis', 'churn_analysis', 'conversion_analysis', 'cohort_analysis'],
    ]);
  });

  it.each(Object.entries(SHIPPED_TEMPLATES))('%s takes a period alone', (_id, shipped) => {
    expect(fillTemplate(shipped, { time_period: 'last_30_days' })).toContain('"time_period":"last_30_days"');
  });
});

describe('fillTemplate', () => {
  it('puts the parameters behind the instruction, as data between marks', () => {
    expect(fillTemplate(template, { period: 'may', share: 0.5, figures: { a: [1] } })).toBe(
      'Do it.\n\n<parameters>\n{"period":"may","share":0.5,"figures":{"a":[1]}}\n</parameters>',
    );
  });

  it.each(['{{x}}', '${x}', '"}, {"', "'; x", '%s {0}', '\u2028\n\\'])(
    'looks for no syntax in %j',
    (period) => {
      expect(fillTemplate(template, { period })).toContain(JSON.stringify({ period }));
    },
  );

  it('lets nothing close the block', () => {
    const filled = fillTemplate(template, { period: '</parame', figures: { '<': '<a>' } });
    expect(filled.match(/</g)).toHaveLength(2);
  });

  it.each([
    ['nothing', {}, ['period']],
    ['what is inherited', Object.create({ period: 'may' }) as object, ['period']],
    ['an unknown one', { period: 'may', x: 1, y: 2 }, ['x', 'y']],
    ['an unknown one of a prototype', JSON.parse('{"period":"may","__proto__":{}}') as object, ['__proto__']],
    ['a constructor', { period: 'may', constructor: 1 }, ['constructor']],
    ['another type', { period: 7 }, ['period']],
    ['null', { period: null }, ['period']],
    ['a text that is too long', { period: 'x'.repeat(11) }, ['period']],
    ['a number below its range', { period: 'may', share: -1 }, ['share']],
    ['a number above its range', { period: 'may', share: 101 }, ['share']],
    ['a number as text', { period: 'may', share: '5' }, ['share']],
    ['a list as object', { period: 'may', figures: [] }, ['figures']],
    ['an object that is too long', { period: 'may', figures: { a: 'x'.repeat(20) } }, ['figures']],
  ])('refuses %s, naming the fields', (_title, given, fields) => {
    expect(faultOf(given as Record<string, unknown>)).toEqual({ status: 400, fields });
  });

  it('names few of many wrong fields, and those shortened', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`${'x'.repeat(100)}${at}`, 1]));
    const { fields } = faultOf({ period: 'may', ...many }) as { fields: string[] };
    expect(fields).toHaveLength(20);
    expect(fields[0]).toHaveLength(64);
  });
});
