/** Requests that are still being heard when the grace of a drain is over: whatever they are waited for, their clients are told at once. */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { asrUpload, claude, openAiRest, type Authenticator } from '../../src/index.ts';
import { MODEL } from '../support/claude-script.ts';
import { eventually } from '../support/eventually.ts';
import { rawAnswer, rawPost, startHttpBench } from '../support/http-bench.ts';
import { startHttpUpstream, type UpstreamScript } from '../support/http-upstream.ts';
import { ASKED, MESSAGES, REST_KEY as apiKey, startRestScript } from '../support/rest-bench.ts';
import { writeUntilHeld } from '../support/slow-reader.ts';

const GRACE_MS = 1_000;
const JSON_TYPE = 'Content-Type: application/json';
const FORM_TYPE = 'Content-Type: multipart/form-data; boundary=x';
const CALLS = '/openai/v1/realtime/calls';
const FILE =
  '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: audio/wav\r\n\r\n';

type Checked = ReturnType<Authenticator['authenticate']>;
const isLetIn = async (): Checked => ({ principal: { id: 'someone' } });
const isNeverTold = (): Checked => new Promise(() => undefined);

test.for([
  ['a token to be checked', '/api/query', JSON_TYPE, '', isNeverTold],
  ['the rest of JSON', '/api/query', JSON_TYPE, '{', isLetIn],
  ['the rest of a form', CALLS, FORM_TYPE, '--x\r\n', isLetIn],
  ['a file in a form', '/api/v1/asr/transcribe', FORM_TYPE, '--x\r\n', isLetIn],
  ['the rest of a file', '/api/v1/asr/transcribe', FORM_TYPE, FILE, isLetIn],
  [
    'the rest of what passes on',
    `${CALLS}?model=gpt-realtime`,
    'Content-Type: application/sdp',
    'v=',
    isLetIn,
  ],
] as const)('tells a client whose request waits for %s', async ([, path, type, body, check], context) => {
  const { url } = await startHttpUpstream(context, () => undefined);
  let asked = 0;
  const authenticate = (): Checked => {
    asked += 1;
    return check();
  };
  const bench = await startHttpBench(context, {
    routes: {
      ...claude({ apiKey, model: MODEL, baseUrl: url }),
      ...asrUpload({ url }),
      ...openAiRest({ apiKey, baseUrl: url }),
    },
    auth: { title: 'told by the test', authenticate },
  });
  const client = await bench.raw(rawPost(bench, path, [type, 'Content-Length: 500'], body));
  await eventually(
    () => asked === 1,
    () => 'the check of its token',
  );
  const drained = bench.proxy.drain(GRACE_MS);
  bench.clock.advance(GRACE_MS);
  await drained;
  expect(await rawAnswer(client)).toMatchObject({ status: 503 });
});

test.for(['behind the grace of a drain', 'at once'])(
  'tells a client also when the proxy is closed %s',
  async (when, context) => {
    const { bench, upstream } = await startRestScript(context, () => undefined);
    const asked = JSON.stringify(ASKED);
    const lines = [JSON_TYPE, `Content-Length: ${asked.length}`];
    const client = await bench.raw(rawPost(bench, MESSAGES, lines, asked));
    await upstream.until(() => upstream.requests.length === 1, 'the request');
    const drained = when === 'at once' ? undefined : bench.proxy.drain(GRACE_MS);
    bench.clock.advance(GRACE_MS);
    await drained;
    await bench.proxy.close();
    expect(await rawAnswer(client)).toMatchObject({ status: 503 });
    expect(bench.logs).toMatchObject([{ status: 503 }]);
  },
);

test('lets go of a client that does not read its answer', async (context) => {
  let isHeld = false;
  const pouring: UpstreamScript = async (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    isHeld = await writeUntilHeld(response, ' '.repeat(65_536), 1_000);
  };
  const { bench, upstream } = await startRestScript(context, pouring);
  const client = connect(bench.port, '127.0.0.1');
  context.onTestFinished(() => void client.destroy());
  const asked = JSON.stringify(ASKED);
  client.write(rawPost(bench, MESSAGES, [JSON_TYPE, `Content-Length: ${asked.length}`], asked));
  await upstream.until(() => upstream.requests.length === 1, 'the request');
  await eventually(
    () => isHeld,
    () => 'an answer that waits for its reader',
  );
  const drained = bench.proxy.drain(GRACE_MS);
  bench.clock.advance(GRACE_MS);
  await drained;
  const isTold = (): boolean => bench.logs.some((line) => line['why'] === 'draining');
  await eventually(isTold, () => `the end of the request, in ${JSON.stringify(bench.logs)}`);
});
