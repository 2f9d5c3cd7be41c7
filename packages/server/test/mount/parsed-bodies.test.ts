import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import express, { type RequestHandler } from 'express';
import { expect, test, type TestContext } from 'vitest';
import { asrUpload, claude, createVoiceProxy, none, type VoiceProxyOptions } from '../../src/index.ts';
import { QUESTION } from '../support/claude-bench.ts';
import * as api from '../support/claude-script.ts';
import { startHttpUpstream, type UpstreamScript } from '../support/http-upstream.ts';
import { liveBufferBytes } from '../support/live-memory.ts';
import { type Application, serveApplication } from './serve-application.ts';

const LIMIT = '60mb';
const EVERYTHING = { type: '*/*', limit: LIMIT };
const usual = (): RequestHandler[] => [express.json(), express.urlencoded(), express.raw(), express.text()];

function mounted(
  context: TestContext,
  routes: VoiceProxyOptions['routes'],
  parsers: RequestHandler[],
): Promise<Application> {
  const proxy = createVoiceProxy({ auth: none(), routes, logger: false });
  context.onTestFinished(() => proxy.close());
  return serveApplication(context, express().use(parsers).use(proxy.handle));
}

async function mountClaude(context: TestContext, parsers: RequestHandler[], script: UpstreamScript) {
  const upstream = await startHttpUpstream(context, script);
  const routes = claude({ apiKey: api.CLAUDE_KEY, model: api.MODEL, baseUrl: upstream.url });
  return { upstream, application: await mounted(context, routes, parsers) };
}

const ask = (application: Application, body: string, type = 'application/json'): Promise<Response> =>
  fetch(application.url('/api/query'), { method: 'POST', body, headers: { 'Content-Type': type } });

const behind: [title: string, parsers: () => RequestHandler[]][] = [
  ['all of them', usual],
  ['one that keeps bytes', () => [express.raw(EVERYTHING)]],
  ['one that makes a text', () => [express.text(EVERYTHING)]],
  ['one that also takes what is no object', () => [express.json({ strict: false })]],
];

test.for(behind)('answers a question behind body parsers: %s', async ([, make], context) => {
  const { upstream, application } = await mountClaude(context, make(), api.answering('It is Wörter.'));
  const response = await ask(
    application,
    JSON.stringify({ ...QUESTION, question: 'Wie heißt es? \u{1F399}' }),
  );
  expect([response.status, await response.json()]).toMatchObject([200, { answer: 'It is Wörter.' }]);
  expect(upstream.requests[0]?.body.toString()).toContain('Wie heißt es? \u{1F399}');
});

test.for(behind)('refuses behind body parsers what it refuses without: %s', async ([, make], context) => {
  const { upstream, application } = await mountClaude(context, make(), api.answering('x'));
  const bodies: [string, string, number][] = [
    ['', 'application/json', 400],
    ['[]', 'application/json', 400],
    ['{"context":{}}', 'application/json', 400],
    ['question=x', 'application/x-www-form-urlencoded', 415],
    [JSON.stringify(QUESTION), 'text/plain', 415],
    [JSON.stringify(QUESTION), 'application/octet-stream', 415],
  ];
  for (const [body, type, status] of bodies) {
    const response = await ask(application, body, type);
    expect([type, response.status, await response.json()]).toEqual([
      type,
      status,
      expect.objectContaining({ error: expect.any(String), message: expect.any(String) }),
    ]);
  }
  expect(upstream.requests).toEqual([]);
});

test('passes events on one at a time behind body parsers', async (context) => {
  let tell!: (response: ServerResponse) => void;
  const begun = new Promise<ServerResponse>((resolve) => (tell = resolve));
  const { application } = await mountClaude(context, usual(), (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(api.startText());
    tell(response);
  });
  const answer = await ask(application, JSON.stringify({ ...QUESTION, stream: true }));
  const upstream = await begun;
  expect(answer.headers.get('content-encoding')).toBeNull();
  const reader = answer.body?.getReader();
  for (const word of ['one', 'two', 'three', 'four']) {
    upstream.write(api.deltaText(word));
    // Nothing follows before this one has been read.
    const { value } = (await reader?.read()) ?? {};
    expect(Buffer.from(value ?? []).toString()).toBe(`event: delta\ndata: {"text":"${word}"}\n\n`);
  }
  upstream.end(api.endText());
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('event: done');
  expect(await reader?.read()).toMatchObject({ done: true });
});

const PATH = '/api/v1/asr/transcribe';
const PIECE = 262_144;
const PIECES = 200;
const FILE_BYTES = PIECE * PIECES;
/** Bytes after which memory is measured. */
const MARK = 16_777_216;

/** Audio of which no two pieces are the same. */
function* audio(): Generator<Buffer> {
  for (let at = 0; at < PIECES; at += 1) {
    const piece = Buffer.alloc(PIECE, at);
    piece.writeUInt32LE(at);
    yield piece;
  }
}

function* form(boundary: string, name: string): Generator<Buffer> {
  const disposition = `Content-Disposition: form-data; name="file"; filename="${name}"`;
  yield Buffer.from(`--${boundary}\r\n${disposition}\r\nContent-Type: audio/wav\r\n\r\n`);
  yield* audio();
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

interface Heard {
  readonly boundary: string;
  readonly sha256: string;
  /** Most bytes in use while it came, above those at the start. */
  readonly heldBytes: number;
}

/** A service that keeps nothing of what it hears but its hash. */
function listening(heard: (all: Heard) => void): UpstreamScript {
  return async (response, request, whole) => {
    const hash = createHash('sha256');
    const atStart = liveBufferBytes();
    let [bytes, heldBytes] = [0, 0];
    response.req.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      request.chunks.length = 0;
      const isMark = Math.floor(bytes / MARK) < Math.floor((bytes + chunk.length) / MARK);
      bytes += chunk.length;
      if (isMark) heldBytes = Math.max(heldBytes, liveBufferBytes() - atStart);
    });
    await whole();
    const boundary = request.headers['content-type']?.split('boundary=')[1] ?? '';
    heard({ boundary, sha256: hash.digest('hex'), heldBytes });
    api.answerJson(200, { text: 'long' })(response, request, whole);
  };
}

async function uploadBehind(context: TestContext, before: RequestHandler[]): Promise<Heard> {
  let tell!: (heard: Heard) => void;
  const heard = new Promise<Heard>((resolve) => (tell = resolve));
  const upstream = await startHttpUpstream(context, listening(tell));
  const application = await mounted(context, asrUpload({ url: upstream.url }), before);
  const request = httpRequest(application.url(PATH), {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
  });
  const answered = once(request, 'response');
  await pipeline(form('x', 'a.wav'), request);
  const [response] = (await answered) as [IncomingMessage];
  expect([response.statusCode, await json(response)]).toEqual([200, { text: 'long' }]);
  return heard;
}

function hashOf(pieces: Iterable<Buffer>): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

test('streams an upload of 50 MB behind body parsers, byte for byte and never whole in memory', async (context) => {
  const { boundary, sha256, heldBytes } = await uploadBehind(context, usual());
  expect(sha256).toBe(hashOf(form(boundary, 'audio.wav')));
  expect(heldBytes).toBeLessThan(FILE_BYTES / 10);
});

test('passes on an upload that a parser has read whole, byte for byte', async (context) => {
  const before = liveBufferBytes();
  const { boundary, sha256 } = await uploadBehind(context, [express.raw(EVERYTHING)]);
  expect(sha256).toBe(hashOf(form(boundary, 'audio.wav')));
  expect(liveBufferBytes() - before).toBeLessThan(FILE_BYTES / 5);
});

test('says in its own log, and not to the client, that a parser has left nothing of an upload', async (context) => {
  const upstream = await startHttpUpstream(context, api.answerJson(200, { text: 'x' }));
  const application = await mounted(context, asrUpload({ url: upstream.url }), [express.text(EVERYTHING)]);
  const body = new FormData();
  body.append('file', new Blob(['sound'], { type: 'audio/wav' }), 'a.wav');
  const response = await fetch(application.url(PATH), { method: 'POST', body });
  expect([response.status, await response.json()]).toEqual([500, { detail: expect.any(String) }]);
  expect(upstream.requests).toEqual([]);
});
