import { expect, test } from 'vitest';
import {
  deepgram,
  deepgramRest,
  elevenLabsRest,
  mount,
  openAiRealtime,
  openAiRest,
} from '../../src/index.ts';
import type { VendorName } from '../../src/testing/vendors/index.ts';
import { PAGE, startRestMock, type ToRoutes } from '../support/rest-bench.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import { expectNoSecret } from '../support/secret-search.ts';

const apiKey = MOCK_SECRET;

const ROUTES: Readonly<Record<string, ToRoutes>> = {
  deepgram: (baseUrl) => ({
    ...mount('/deepgram', deepgram({ apiKey })),
    ...deepgramRest({ apiKey, baseUrl }),
  }),
  openai: (baseUrl) => ({
    ...mount('/openai', openAiRealtime({ apiKey })),
    ...openAiRest({ apiKey, baseUrl, clientSecretSeconds: 600 }),
  }),
  elevenlabs: (baseUrl) => elevenLabsRest({ apiKey, baseUrl, agents: ['mine'] }),
};

/** How a vendor's SDK sends its key, which is a user's token here. */
const SLOTS: Readonly<Record<string, (token: string) => Record<string, string>>> = {
  deepgram: (token) => ({ authorization: `Token ${token}` }),
  openai: (token) => ({ authorization: `Bearer ${token}` }),
  elevenlabs: (token) => ({ 'xi-api-key': token }),
};

interface Call {
  readonly vendor: VendorName;
  readonly target: string;
  readonly type?: string;
  readonly body?: string;
}

const json = (vendor: VendorName, target: string, body: object): Call => ({
  ...{ vendor, target, type: 'application/json', body: JSON.stringify(body) },
});
const session = { type: 'realtime', model: 'gpt-realtime' };
const transcription = (model?: string): object => ({
  ...{ type: 'transcription', audio: { input: { transcription: { model } } } },
});
const SECRETS = '/openai/v1/realtime/client_secrets';
const CALLS = '/openai/v1/realtime/calls';
const VOICE = '/elevenlabs/v1/text-to-speech/mock-voice';
const CONVERSATION = '/elevenlabs/v1/convai/conversation';
const sdp = { vendor: 'openai', type: 'application/sdp', body: 'v=0\r\n' } as const;
const audio = { vendor: 'deepgram', type: 'audio/wav', body: 'sound' } as const;

const CASES: readonly (readonly [Call, answer: string])[] = [
  [{ ...audio, target: '/deepgram/v1/listen?model=nova-3&smart_format=true' }, '"transcript":"What is'],
  [{ vendor: 'deepgram', target: '/deepgram/v1/listen', body: 'x', type: 'video/mp4' }, '"transcript":"'],
  [json('deepgram', '/deepgram/v1/speak?model=aura-2-thalia-en', { text: 'Hello' }), '\u0001\u0001'],
  [json('deepgram', '/deepgram/v1/read?summarize=true&language=en', { text: 'Hi' }), '"summary"'],
  [{ ...sdp, target: `${CALLS}?model=gpt-realtime` }, 'v=0\r\n'],
  [json('openai', SECRETS, { session }), '"value":"ek_'],
  [json('openai', SECRETS, { session: transcription('gpt-4o-transcribe') }), '"value":"ek_'],
  [json('elevenlabs', VOICE, { text: 'Hello' }), '\u0001\u0001'],
  [json('elevenlabs', `${VOICE}/stream?output_format=pcm_16000`, { text: 'Hello' }), '\u0001\u0001'],
  [{ vendor: 'elevenlabs', target: `${CONVERSATION}/get-signed-url?agent_id=mine` }, '"signed_url":"ws'],
  [{ vendor: 'elevenlabs', target: `${CONVERSATION}/token?agent_id=mine&source=js` }, '"token":"mock'],
];

const asking = (base: string, { target, body, type }: Call, headers: object): Promise<Response> =>
  fetch(base + target, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, ...(type === undefined ? {} : { 'content-type': type }), origin: PAGE },
    ...(body === undefined ? {} : { body }),
  });

test.for(CASES)('passes the call %o', async ([call, answer], context) => {
  const { bench, mock } = await startRestMock(context, call.vendor, ROUTES[call.vendor] as ToRoutes);
  const token = bench.token();
  const response = await asking(bench.url, call, SLOTS[call.vendor]?.(token) ?? {});
  expect([response.ok, await response.text()]).toEqual([true, expect.stringContaining(answer)]);
  const asked = await mock.waitForDial(1);
  expect(call.target).toContain(asked.path);
  expect(JSON.stringify([asked, asked.body.toString()])).not.toContain(token);
  expectNoSecret(MOCK_SECRET, [[...response.headers], bench.logs]);
  mock.expectNoViolations();
});

const REFUSED: readonly (readonly [Call, status: number, why: string])[] = [
  [{ ...audio, target: '/deepgram/v1/listen?callback=https%3A%2F%2Fevil.test' }, 403, 'parameter'],
  [{ ...audio, target: '/deepgram/v1/listen?Callback=x' }, 403, 'parameter'],
  [{ ...audio, target: '/deepgram/v1/listen?model=another' }, 403, 'parameter'],
  [{ ...audio, target: '/deepgram/v1/listen', type: 'application/json' }, 415, 'audio/*'],
  [{ ...audio, target: '/deepgram/v1/listen', type: 'text/html' }, 415, 'audio/*'],
  [json('deepgram', '/deepgram/v1/read', { url: 'https://evil.test' }), 403, 'a member that is not allowed'],
  [{ ...audio, target: '/deepgram/v1/projects' }, 404, 'nothing at this path'],
  [{ vendor: 'deepgram', target: '/deepgram/v1/listen' }, 405, 'POST only'],
  [{ ...sdp, target: CALLS }, 400, 'model'],
  [{ ...sdp, target: `${CALLS}?model=gpt-x` }, 403, 'parameter'],
  [{ ...sdp, target: `${CALLS}?model=gpt-realtime`, type: 'text/plain' }, 415, 'sdp'],
  [json('openai', SECRETS, { session: { ...session, model: 'gpt-x' } }), 403, 'session.model'],
  [json('openai', SECRETS, { session: { ...session, tools: [{ type: 'mcp' }] } }), 403, 'session.tools'],
  [json('openai', SECRETS, { session: { ...session, prompt: { id: 'p' } } }), 403, 'session'],
  [json('openai', SECRETS, { session, expires_after: { seconds: 601 } }), 400, 'at most 600'],
  [json('openai', SECRETS, {}), 400, 'session.type'],
  [json('openai', SECRETS, { session: { type: 'realtime' } }), 400, 'session.model'],
  [json('openai', SECRETS, { session: { model: 'gpt-realtime' } }), 400, 'session.type'],
  [json('openai', SECRETS, { session: { ...session, type: 'translation' } }), 403, 'session.type'],
  [json('openai', SECRETS, { session: transcription('other') }), 403, 'transcription.model'],
  [json('openai', SECRETS, { session: transcription() }), 400, 'transcription.model'],
  [json('elevenlabs', VOICE, { text: 'a', previous_request_ids: ['x'] }), 403, 'member'],
  [json('elevenlabs', VOICE, { text: 'a', model_id: 'x' }), 403, 'model_id'],
  [{ vendor: 'elevenlabs', target: `${CONVERSATION}/token?agent_id=other` }, 403, 'parameter'],
  [{ vendor: 'elevenlabs', target: `${CONVERSATION}/token` }, 400, 'agent_id'],
];

test.for(REFUSED)('refuses the call %o with %i', async ([call, status, why], context) => {
  const { bench, mock } = await startRestMock(context, call.vendor, ROUTES[call.vendor] as ToRoutes);
  const response = await asking(bench.url, call, SLOTS[call.vendor]?.(bench.token()) ?? {});
  expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(why)]);
  expect(mock.dials).toBe(0);
});

test('names the call of a page, without a host, to the page alone that may ask', async (context) => {
  const { bench } = await startRestMock(context, 'openai', ROUTES['openai'] as ToRoutes);
  const call = { ...sdp, target: `${CALLS}?model=gpt-realtime` };
  const { headers } = await asking(bench.url, call, { authorization: `Bearer ${bench.token()}` });
  expect(headers.get('location')).toBe('/v1/realtime/calls/mock-call-1');
  expect(headers.get('access-control-expose-headers')).toBe(
    'Retry-After,X-Request-Id,Location,X-Should-Retry',
  );
  expect(headers.get('access-control-allow-origin')).toBe(PAGE);
});
