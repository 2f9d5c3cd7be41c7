import { findSecret } from '../support/find-secret.ts';
import { startLeakyServer } from '../support/leaky-server.ts';
import type { LeakyServer } from '../support/leaky-server.ts';
import { expect, test as base } from '../support/test.ts';
import { Witness } from '../support/witness.ts';

const SECRET = 'k9Zr-tell~nobody_4711';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const percent = [...Buffer.from(SECRET)].map((byte) => `%${byte.toString(16)}`).join('');

const test = base.extend<{ leaky: LeakyServer }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright wants a pattern
  leaky: async ({}, use) => {
    const server = await startLeakyServer(SECRET);
    await use(server);
    await server.close();
  },
});

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

const PLACES = [
  ...['request.url', 'request headers.x-leak', 'request.body', 'response headers.x-leak', 'response body'],
  ...['socket', 'handshake sent.request.headers.Sec-WebSocket-Protocol'],
  ...['handshake received.response.headers.Sec-WebSocket-Protocol', 'close received.reason'],
  ...['console', 'page.html', 'page.text', 'page.title', 'page.stored.0.1', 'beside the page'],
];

test('a secret is seen wherever a page has it', async ({ context, leaky }) => {
  const witness = new Witness(context);
  witness.guard([SECRET], () => SECRET);
  const page = await context.newPage();
  await witness.watchSockets(page);
  await page.goto(leaky.url);
  await page.evaluate(leakEverywhere, SECRET);
  const found = (): string[] =>
    witness.findings().map((finding) => finding.replace(/^secret in (.*), .*$/, '$1'));
  await witness.lookAtPages();
  expect(found()).toEqual(expect.arrayContaining(PLACES));
  for (const frame of ['frame sent', 'frame received'])
    expect(
      found().filter((place) => place === frame),
      `${frame}: a text and bytes`,
    ).toHaveLength(2);
  expect(witness.problems).toEqual([]);
});

/** Runs in the page. */
async function leakEverywhere(secret: string): Promise<void> {
  // oxlint-disable-next-line no-console -- one of the places to be watched
  console.log(secret);
  document.title = secret;
  document.body.append(secret);
  localStorage.setItem('key', secret);
  const answers = [
    await fetch(`/?${secret}`, { headers: { 'x-leak': secret } }),
    await fetch('/', { method: 'POST', body: secret }),
    await fetch('/leak'),
  ];
  for (const answer of answers) await answer.text();
  const socket = new WebSocket(`/?${secret}`, secret);
  socket.addEventListener('open', () => {
    socket.send(secret);
    socket.send(new TextEncoder().encode(secret));
  });
  await new Promise((resolve) => socket.addEventListener('close', resolve));
}
