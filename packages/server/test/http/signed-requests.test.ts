import express from 'express';
import { expect, test } from 'vitest';
import { asrUpload, claude, createVoiceProxy, deepgramRest, hmac } from '../../src/index.ts';
import { serveApplication } from '../mount/serve-application.ts';
import { QUESTION, startClaude } from '../support/claude-bench.ts';
import { answerJson, answering, CLAUDE_KEY, MODEL } from '../support/claude-script.ts';
import { startHttpBench } from '../support/http-bench.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { HMAC_SECRET, signedHeaders } from '../support/sign-request.ts';

const auth = (): ReturnType<typeof hmac> => hmac({ secrets: { 'backend-1': HMAC_SECRET } });
const body = JSON.stringify(QUESTION);
const target = '/api/query';
const JSON_TYPE = { 'Content-Type': 'application/json' };

test('lets a signed request in once', async (context) => {
  const { bench } = await startClaude(context, { proxy: { auth: auth() } });
  const headers = signedHeaders({ target, body, nowMs: bench.clock.now() });
  expect((await bench.post(target, body, { ...headers, Authorization: '' })).status).toBe(200);
  const again = await bench.post(target, body, { ...headers, Authorization: '' });
  expect([again.status, again.body['error']]).toEqual([401, 'auth_invalid']);
});

test('refuses another body than the signed one, and asks nobody', async (context) => {
  const { bench, upstream } = await startClaude(context, { proxy: { auth: auth() } });
  const headers = signedHeaders({ target, body: `${body} `, nowMs: bench.clock.now() });
  expect((await bench.post(target, body, { ...headers, Authorization: '' })).status).toBe(401);
  expect(upstream.requests).toEqual([]);
});

/** A form by hand, so that its bytes are known before they are sent. */
const form = Buffer.from(
  '--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\nsound\r\n--x--\r\n',
);

test.for([
  ['the signed', form, 200],
  ['another', Buffer.concat([form, Buffer.from(' ')]), 401],
] as const)('judges %s upload when its last byte has come', async ([, signed, expected], context) => {
  const upstream = await startHttpUpstream(context, async (response, request, whole) => {
    await whole();
    answerJson(200, { text: 'x' })(response, request, whole);
  });
  const bench = await startHttpBench(context, { routes: asrUpload({ url: upstream.url }), auth: auth() });
  const path = '/api/v1/asr/transcribe';
  const response = await fetch(bench.url + path, {
    method: 'POST',
    body: form,
    headers: {
      ...signedHeaders({ target: path, body: signed, nowMs: bench.clock.now() }),
      'Content-Type': 'multipart/form-data; boundary=x',
    },
  });
  expect(response.status).toBe(expected);
  expect(upstream.requests[0]?.isWhole ?? false).toBe(expected === 200);
});

test.for([
  ['kept beside its value', true, 200],
  ['gone', false, 401],
] as const)(
  'judges a body that Express has parsed when its bytes are %s',
  async ([, isKept, expected], context) => {
    const upstream = await startHttpUpstream(context, answering('x'));
    const routes = claude({ apiKey: CLAUDE_KEY, model: MODEL, baseUrl: upstream.url });
    const proxy = createVoiceProxy({ auth: auth(), routes, logger: false });
    context.onTestFinished(() => proxy.close());
    const verify = (request: object, _response: unknown, bytes: Buffer): void => {
      Object.assign(request, { rawBody: bytes });
    };
    const parser = express.json(isKept ? { verify } : {});
    const application = await serveApplication(context, express().use(parser).use(proxy.handle));
    const headers = { ...JSON_TYPE, ...signedHeaders({ target, body, nowMs: Date.now() }) };
    const response = await fetch(application.url(target), { method: 'POST', body, headers });
    expect(response.status).toBe(expected);
  },
);

test.for(['the signed', 'another'])(
  'takes a good answer that comes before the end of %s recording for none',
  async (which, context) => {
    const upstream = await startHttpUpstream(context, answerJson(200, { told: 1 }));
    const routes = deepgramRest({ apiKey: CLAUDE_KEY, baseUrl: upstream.url });
    const bench = await startHttpBench(context, { routes, auth: auth() });
    const path = '/deepgram/v1/listen';
    const sound = 'x'.repeat(2_000_000);
    const signed = which === 'another' ? 'y' : sound;
    const headers = signedHeaders({ target: path, body: signed, nowMs: bench.clock.now() });
    const init = { method: 'POST', body: sound, headers: { ...headers, 'Content-Type': 'audio/wav' } };
    const response = await fetch(bench.url + path, init);
    expect(response.status).toBe(502);
    expect(bench.logs).toMatchObject([{ why: expect.stringContaining('before the end of the request') }]);
  },
);
