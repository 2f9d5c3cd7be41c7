import express, { type RequestHandler } from 'express';
import { expect, test, type TestContext } from 'vitest';
import { createVoiceProxy, deepgramRest, hmac, none, type VoiceProxyOptions } from '../../src/index.ts';
import { answerJson } from '../support/claude-script.ts';
import { startHttpUpstream, type HttpUpstream, type UpstreamScript } from '../support/http-upstream.ts';
import { REST_KEY } from '../support/rest-bench.ts';
import { HMAC_SECRET, signedHeaders } from '../support/sign-request.ts';
import { type Application, serveApplication } from './serve-application.ts';

const LISTEN = '/deepgram/v1/listen';
const EVERYTHING = { type: '*/*', limit: '9mb' };
const WAV = { 'Content-Type': 'audio/wav' };
/** Bytes that are no text, so that a text made of them would be others. */
const SOUND = Buffer.from([0, 255, 128, 13, 10, 200]);

const hearing: UpstreamScript = async (response, request, whole) => {
  await whole();
  answerJson(200, { heard: request.body.length })(response, request, whole);
};

async function start(
  context: TestContext,
  parser: RequestHandler,
  auth: VoiceProxyOptions['auth'] = none(),
): Promise<{ application: Application; upstream: HttpUpstream }> {
  const upstream = await startHttpUpstream(context, hearing);
  const routes = deepgramRest({ apiKey: REST_KEY, baseUrl: upstream.url, maxAudioBytes: 1_000 });
  const proxy = createVoiceProxy({ auth, routes, logger: false });
  context.onTestFinished(() => proxy.close());
  return { upstream, application: await serveApplication(context, express().use(parser).use(proxy.handle)) };
}

const post = (
  application: Application,
  body: Buffer<ArrayBuffer>,
  more: Record<string, string> = {},
): Promise<Response> =>
  fetch(application.url(LISTEN), { method: 'POST', body, headers: { ...WAV, ...more } });

test('passes a recording on that a parser has read whole, byte for byte', async (context) => {
  const { application, upstream } = await start(context, express.raw(EVERYTHING));
  const response = await post(application, SOUND);
  expect([response.status, await response.json()]).toEqual([200, { heard: SOUND.length }]);
  expect(upstream.requests[0]?.body).toEqual(SOUND);
  expect(upstream.requests[0]?.headers['content-length']).toBe(String(SOUND.length));
});

test('takes as much of a recording that was read before as of any other', async (context) => {
  const { application, upstream } = await start(context, express.raw(EVERYTHING));
  const chunked = (size: number): Promise<Response> =>
    fetch(application.url(LISTEN), {
      ...{ method: 'POST', headers: WAV, body: new Blob([Buffer.alloc(size)]).stream(), duplex: 'half' },
    } as RequestInit);
  expect([(await chunked(1_000)).status, (await chunked(1_001)).status]).toEqual([200, 413]);
  expect(upstream.requests).toHaveLength(1);
});

test.for([
  ['the signed', SOUND, 200],
  ['another', Buffer.from('forged'), 401],
] as const)('judges %s recording that was read before', async ([, body, expected], context) => {
  const auth = hmac({ secrets: { 'backend-1': HMAC_SECRET } });
  const { application, upstream } = await start(context, express.raw(EVERYTHING), auth);
  const signed = signedHeaders({ target: LISTEN, body: SOUND, nowMs: Date.now() });
  expect((await post(application, Buffer.from(body), signed)).status).toBe(expected);
  expect(upstream.requests).toHaveLength(expected === 200 ? 1 : 0);
});

test('takes no text for a recording', async (context) => {
  const { application, upstream } = await start(context, express.text(EVERYTHING));
  const response = await post(application, SOUND);
  expect([response.status, await response.json()]).toMatchObject([500, { err_code: 'INTERNAL_ERROR' }]);
  expect(upstream.requests).toEqual([]);
});
