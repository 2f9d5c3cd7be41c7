import { expect, it } from 'vitest';
import { FAULT_SHAPES } from './fault-dialects.ts';
import { rowFault } from './fault.ts';

const FAULT = { ...rowFault('RateLimited', 'rate', 4_200), message: 'Too many.' };
const wait = { retry_after: 5 };

it.each([
  [
    'anthropic',
    { type: 'error', error: { type: 'rate_limit_error', message: 'Too many.', ...wait }, request_id: 'r-1' },
  ],
  [
    'openai',
    {
      error: {
        ...{ message: 'Too many.', type: 'invalid_request_error', code: 'rate_limited', param: null },
        ...wait,
      },
    },
  ],
  ['deepgram', { err_code: 'RATE_LIMITED', err_msg: 'Too many.', request_id: 'r-1', ...wait }],
  ['elevenlabs', { detail: { status: 'rate_limited', message: 'Too many.', ...wait } }],
  ['plain', { error: 'rate_limited', message: 'Too many.', ...wait }],
] as const)('%s clients read a fault in their provider’s form', (dialect, body) => {
  expect(FAULT_SHAPES[dialect](FAULT, 'r-1')).toEqual(body);
});

it('what the server has to answer for is no fault of the request', () => {
  const { error } = FAULT_SHAPES.openai(rowFault('UpstreamUnavailable', 'down'), 'r-1') as { error: object };
  expect(error).toMatchObject({ type: 'server_error' });
  expect(FAULT_SHAPES.anthropic(rowFault('UpstreamAuth', 'key'), 'r-1')).toMatchObject({
    error: { type: 'api_error' },
  });
});
