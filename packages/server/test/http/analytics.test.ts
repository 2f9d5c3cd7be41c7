import { expect, test } from 'vitest';
import { SHIPPED_TEMPLATES } from '../../src/index.ts';
import { startClaude } from '../support/claude-bench.ts';

const PATH = '/api/analytics-query';
const GOOD = { query_type: 'mrr_analysis', parameters: { time_period: 'last_30_days' } };

test.for(Object.keys(SHIPPED_TEMPLATES))(
  'answers %s with the words, the type and the usage',
  async (id, context) => {
    const { bench, upstream } = await startClaude(context);
    const { status, body } = await bench.post(PATH, { ...GOOD, query_type: id });
    expect([status, body]).toEqual([
      200,
      { answer: 'MRR is 92,148.74.', query_type: id, usage: { input_tokens: 150, output_tokens: 89 } },
    ]);
    const { messages } = JSON.parse(upstream.requests[0]?.body.toString() ?? '{}');
    expect(messages[0].content).toContain(SHIPPED_TEMPLATES[id]?.instruction);
  },
);

test.for(['nope', '', 'constructor', '__proto__', 7, null, ['mrr_analysis']])(
  'refuses the query type %j with the types that there are',
  async (id, context) => {
    const { bench, upstream } = await startClaude(context);
    const { status, body } = await bench.post(PATH, { ...GOOD, query_type: id });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: 'Invalid query type',
      allowed_types: Object.keys(SHIPPED_TEMPLATES),
    });
    expect(upstream.requests).toEqual([]);
  },
);

test.for([
  [{ query_type: 'mrr_analysis' }, 'Missing required fields', ['parameters']],
  [{ ...GOOD, parameters: {} }, 'Missing required fields', ['time_period']],
  [{ ...GOOD, parameters: 'last_30_days' }, 'Invalid fields', ['parameters']],
  [{ ...GOOD, parameters: { time_period: 7 } }, 'Invalid fields', ['time_period']],
  [{ ...GOOD, parameters: { time_period: 'x', prompt: 'y' } }, 'Unknown fields', ['prompt']],
] as const)('refuses %j, naming the fields', async ([sent, error, fields], context) => {
  const { bench, upstream } = await startClaude(context);
  const { status, body } = await bench.post(PATH, sent);
  expect([status, body['error'], body['fields']]).toEqual([400, error, fields]);
  expect(upstream.requests).toEqual([]);
});

test('answers a template of the application, with events too', async (context) => {
  const templates = { mine: { instruction: 'Sum up.', parameters: {} } };
  const { bench } = await startClaude(context, { claude: { templates } });
  const sent = { query_type: 'mine', parameters: {} };
  expect((await bench.post(PATH, sent)).body).toMatchObject({ query_type: 'mine' });
  const response = await fetch(bench.url + PATH, {
    method: 'POST',
    body: JSON.stringify({ ...sent, stream: true }),
    headers: { Authorization: `Bearer ${bench.token()}`, 'Content-Type': 'application/json' },
  });
  expect(await response.text()).toContain('event: done\ndata: {"query_type":"mine","usage":');
});
