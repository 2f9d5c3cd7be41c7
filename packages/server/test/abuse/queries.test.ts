import { expect, test } from 'vitest';
import { runAbuseCase } from '../support/abuse-case.ts';
import { runSessionCase } from '../support/session-case.ts';

const callbacks = [
  'callback=https://evil.example/',
  'service=transcription&callback=https://evil.example/',
  'callback_method=put&model=nova-3',
  'CallBack=https://evil.example/',
  '%63allback=https://evil.example/',
  'callback',
  'x=1&callback=&callback=https://evil.example/',
];

test.for(callbacks)('refuses the query %s, on which the vendor would act', async (query, context) => {
  await runAbuseCase(context, {
    attack: (bench) => bench.upgrade({ target: bench.target(`token=${bench.token()}&${query}`) }),
    wire: { told: 'PolicyViolation' },
  });
});

const models = [
  '../../x',
  '..%2f..%2fx',
  'nova-3&model=../../x',
  'http://evil.example',
  '',
  'a b',
  'm'.repeat(65),
];

test.for(models)('refuses the model %s, which is no name', async (model, context) => {
  await runAbuseCase(context, {
    attack: (bench) =>
      bench.upgrade({ target: bench.target(`token=${bench.token()}&model=${model.replace(' ', '%20')}`) }),
    wire: { told: 'PolicyViolation' },
  });
});

const kept: [title: string, query: string, dialled: string][] = [
  [
    'repeated keys as they are',
    'model=nova-2&encoding=x&model=nova-3',
    '/v1/listen?model=nova-2&encoding=x&model=nova-3',
  ],
  ['the spelling of values', 'keyterm=a%2Bb+c&channels=1', '/v1/listen?keyterm=a%2Bb+c&channels=1'],
  ['the first service only', 'service=agent&service=transcription', '/v1/agent/converse'],
  ['an unknown service for the agent', 'service=../../evil', '/v1/agent/converse'],
  ['an inherited name for the agent', 'service=constructor', '/v1/agent/converse'],
  ['broken encodings as they are', 'channels=1&keyterm=%zz%', '/v1/listen?channels=1&keyterm=%zz%'],
];

test.for(kept)('forwards %s', async ([, query, dialled], context) => {
  await runSessionCase(context, {
    asks: (bench) => ({ target: bench.target(`${query}&token=${bench.token()}`) }),
    also: ({ mock }) => expect(mock.requests[0]?.line).toBe(`GET ${dialled} HTTP/1.1`),
  });
});

test('takes the same token in two places for one', async (context) => {
  await runSessionCase(context, {
    asks(bench) {
      const token = bench.token();
      return { target: bench.target(`token=${token}&to%6ben=${token}`) };
    },
    also: ({ mock }) => expect(mock.requests[0]?.line).toBe('GET /v1/agent/converse HTTP/1.1'),
  });
});

test('sends nothing upstream by which its client could be known', async (context) => {
  await runSessionCase(context, {
    asks(bench) {
      const token = bench.token();
      return {
        target: bench.target(`token=${token}`),
        headers: {
          Authorization: `Bearer ${token}`,
          Cookie: 'session=of-alice',
          'User-Agent': 'browser',
          'X-Forwarded-For': '10.1.2.3',
          Origin: `http://127.0.0.1:${bench.listening.port}`,
        },
      };
    },
    also({ mock, tokens }) {
      const sent = JSON.stringify(mock.requests[0]);
      for (const part of [...tokens, 'of-alice', 'browser', '10.1.2.3', 'Origin'])
        expect(sent).not.toContain(part);
    },
  });
});
