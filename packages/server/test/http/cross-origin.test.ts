import { expect, test, type TestContext } from 'vitest';
import { QUESTION, startClaude } from '../support/claude-bench.ts';
import { toAnswer, type HttpBench } from '../support/http-bench.ts';

const PAGE = 'https://app.example.com';
const start = async (context: TestContext): Promise<HttpBench> =>
  (await startClaude(context, { proxy: { origins: [PAGE] } })).bench;

const preflight = (origin: string): RequestInit => ({
  method: 'OPTIONS',
  headers: {
    Origin: origin,
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'authorization,content-type,x-stainless-lang',
  },
});

test('answers a preflight of an allowed page with the headers that it asks for', async (context) => {
  const bench = await start(context);
  const response = await fetch(`${bench.url}/api/query`, preflight(PAGE));
  expect([response.status, await response.text()]).toEqual([204, '']);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'access-control-allow-origin': PAGE,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization,content-type,x-stainless-lang',
    'access-control-max-age': '600',
    vary: expect.stringContaining('Origin'),
  });
});

test.for(['https://evil.test', 'https://app.example.com.evil.test', 'http://app.example.com', 'null'])(
  'refuses a preflight and a request of %s, without headers that would let it read',
  async (origin, context) => {
    const bench = await start(context);
    const asked = await fetch(`${bench.url}/api/query`, preflight(origin));
    const posted = await bench.post('/api/query', QUESTION, { Origin: origin });
    for (const { status, headers } of [asked, posted]) {
      expect(status).toBe(403);
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    expect(posted.body).toMatchObject({ error: 'origin_denied' });
  },
);

test('lets an allowed page read every answer, refusals too', async (context) => {
  const bench = await start(context);
  const answers = [
    await bench.post('/api/query', QUESTION, { Origin: PAGE }),
    await bench.post('/api/query', '{', { Origin: PAGE }),
    await bench.post('/api/query', QUESTION, { Origin: PAGE, Authorization: 'Bearer x' }),
    await toAnswer(await fetch(`${bench.url}/api/query`, { headers: { Origin: PAGE } })),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 400, 401, 405]);
  for (const { headers } of answers) {
    expect(headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(headers.get('access-control-expose-headers')).toBe('Retry-After,X-Request-Id');
  }
});

test('does not count a preflight, nor ask it for a token', async (context) => {
  const { bench } = await startClaude(context, {
    proxy: { origins: [PAGE] },
    claude: { requestsPerWindow: 1 },
  });
  for (let at = 0; at < 3; at += 1)
    expect((await fetch(`${bench.url}/api/query`, preflight(PAGE))).status).toBe(204);
  expect((await bench.post('/api/query', QUESTION)).status).toBe(200);
});
