import { findSecret } from '../support/find-secret.ts';
import { expect, test } from '../support/test.ts';
import { Witness } from '../support/witness.ts';

const SECRET = 'k9Zr-tell~nobody_4711';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const percent = [...Buffer.from(SECRET)].map((byte) => `%${byte.toString(16)}`).join('');

test('a secret is found however it is written', () => {
  const written = {
    plain: `x${SECRET}x`,
    bytes: Buffer.from(`\u0000${SECRET}`),
    percent: `/path?key=${percent}`,
    base64: base64(SECRET),
    base64Later: [base64(`a${SECRET}`), base64(`ab${SECRET}z`)],
    base64Url: Buffer.from(`token:${SECRET}`).toString('base64url'),
    hexadecimal: Buffer.from(SECRET).toString('hex').toUpperCase(),
    error: new Error(`no ${SECRET}`),
    map: new Map([[SECRET, 1]]),
  };
  for (const [name, value] of Object.entries(written))
    expect(findSecret(SECRET, { value }), name).not.toEqual([]);
  expect(findSecret(SECRET, [SECRET.slice(1), base64(SECRET.slice(4)), percent.slice(3)])).toEqual([]);
});

test('a secret is seen wherever a page has it', async ({ context, stack }) => {
  const witness = new Witness(context);
  witness.guard([SECRET], () => ({ log: SECRET }));
  const page = await context.newPage();
  await witness.watchHandshakes(page);
  await page.goto(stack.url);
  await page.evaluate(leakEverywhere, [SECRET, stack.url.replace('http', 'ws')] as const);
  await witness.lookAtPages();
  const found = witness.findings().join('\n');
  for (const place of [
    'request.url',
    'request headers.x-leak',
    'request.body',
    'socket',
    'handshake received',
  ])
    expect(found).toContain(`secret in ${place}`);
  for (const place of ['console', 'page.html', 'page.text', 'page.stored', 'page.title', 'beside the page'])
    expect(found).toContain(`secret in ${place}`);
});

/** Runs in the page. */
async function leakEverywhere([secret, socketUrl]: readonly [string, string]): Promise<void> {
  // oxlint-disable-next-line no-console -- one of the places to be watched
  console.log(secret);
  document.title = secret;
  document.body.append(secret);
  localStorage.setItem('key', secret);
  const answers = [
    await fetch(`/demo/config?${secret}`, { headers: { 'x-leak': secret } }),
    await fetch('/demo/config', { method: 'POST', body: secret }),
  ];
  for (const answer of answers) await answer.text();
  const socket = new WebSocket(`${socketUrl}/voice/deepgram-proxy?${secret}`);
  await new Promise((resolve) => socket.addEventListener('close', resolve));
}
