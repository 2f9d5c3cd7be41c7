import { expect, test } from 'vitest';
import { CLOSE_ROWS } from '../../src/contract/index.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import { ROUTE } from '../support/abuse-bench.ts';

const denied = { http: CLOSE_ROWS.OriginDenied.httpStatus, error: CLOSE_ROWS.OriginDenied.word };

const strangers = [
  'http://evil.example',
  'http://127.0.0.1',
  'http://127.0.0.1:1',
  'http://127.0.0.1.evil.example',
  'http://evil.example#127.0.0.1',
  'http://127.0.0.1@evil.example',
  'null',
  '',
  'garbage',
];

test.for(strangers)('refuses the foreign origin "%s" over HTTP', async (origin, context) => {
  await runAbuseCase(context, {
    attack: (bench) => bench.upgrade({ headers: { Origin: origin } }),
    wire: denied,
  });
});

const neighbours = [
  'https://app.example.com.evil.test',
  'https://evil-app.example.com',
  'http://app.example.com',
  'https://app.example.com:8443',
  'https://app.example.com/',
  'https://a.b.pages.example',
  'https://pages.example',
  'https://.pages.example',
];

test.for(neighbours)('refuses %s, which only looks like a listed origin', async (origin, context) => {
  await runAbuseCase(context, {
    proxy: { origins: ['https://app.example.com', 'https://*.pages.example'] },
    attack: (bench) => bench.upgrade({ headers: { Origin: origin } }),
    wire: denied,
  });
});

test('refuses two origins, also when the first one is allowed', async (context) => {
  await runAbuseCase(context, {
    proxy: { origins: ['https://app.example.com'] },
    attack: (bench) =>
      bench.upgrade({ headers: { Origin: ['https://app.example.com', 'http://evil.example'] } }),
    wire: denied,
  });
});

test("refuses a foreign origin with a good token in the vendor's slot", async (context) => {
  await runAbuseCase(context, {
    attack: (bench) =>
      bench.upgrade({
        target: ROUTE,
        headers: { Origin: 'http://evil.example', 'Sec-WebSocket-Protocol': `token, ${bench.token()}` },
      }),
    wire: denied,
  });
});

test('refuses a foreign origin before anybody looks at its token', async (context) => {
  let asked = 0;
  const authenticate = () => Promise.resolve({ principal: { id: String((asked += 1)) } });
  await runAbuseCase(context, {
    proxy: { auth: { title: 'of a test', authenticate } },
    attack: (bench) => bench.upgrade({ headers: { Origin: 'http://evil.example' } }),
    wire: denied,
    also: () => expect(asked).toBe(0),
  });
});

test('refuses a client without an origin where pages are meant', async (context) => {
  await runAbuseCase(context, {
    proxy: { allowNoOrigin: false, origins: ['https://app.example.com'] },
    attack: (bench) => bench.upgrade(),
    wire: denied,
    goodClient: { origin: 'https://app.example.com' },
  });
});

test.for([
  ['https://app.example.com', 'https://APP.example.com'],
  ['https://*.pages.example', 'https://a.pages.example'],
  ['vscode-webview://*', 'vscode-webview://0b1c'],
  ['null', 'null'],
] as const)('lets a page in when %s is listed and it is %s', async ([listed, origin], context) => {
  await runAbuseCase(context, {
    proxy: { origins: [listed] },
    attack: (bench) => bench.upgrade({ headers: { Origin: 'http://evil.example' } }),
    wire: denied,
    goodClient: { origin },
  });
});
