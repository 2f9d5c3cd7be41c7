import { expect, test } from 'vitest';
import { createVoiceProxy, deepgram, jwt, none, type VoiceProxyOptions } from '../../src/index.ts';
import { expectStartRefused } from '../support/abuse-case.ts';
import { JWT_SECRET } from '../support/make-token.ts';

/** What must not stand in a subprotocol (RFC 7230 3.2.6), white space around a key aside. */
const illegal = [...' "(),/:;<=>?@[\\]{}', '\t', '\n', '\r', '\0', '\x7f', 'é', '…', '\u{1f511}'];

test.for(illegal.map((character) => [JSON.stringify(character), character] as const))(
  'does not start with a key that has %s in it',
  ([, character]) => {
    const apiKey = `the-first-half${character}the-other-half`;
    expectStartRefused(() => proxyWith({ apiKey }), 'deepgram().apiKey', apiKey);
    for (const part of ['the-first-half', 'the-other-half'])
      expectStartRefused(() => proxyWith({ apiKey }), 'deepgram().apiKey', part);
  },
);

test.for([undefined, '', '   ', '\n'])('does not start without a key (%j)', (apiKey) => {
  expect(() => proxyWith({ apiKey })).toThrow(/^deepgram\(\)\.apiKey: is missing\. Pass your Deepgram key/);
});

test('takes a key with white space around it, as it is copied from a web page', () => {
  expect(() => proxyWith({ apiKey: ' \tthe-key-of-tests\n' })).not.toThrow();
});

test.for([
  ['short', 'short-one'],
  ['a public key', '-----BEGIN PUBLIC KEY-----\nthe-public-key-of-tests\n-----END PUBLIC KEY-----'],
] as const)('does not start with a signing secret that is %s', ([, secret]) => {
  expectStartRefused(
    () => proxyWith({}, { auth: jwt({ secret, algorithms: ['HS256'] }) }),
    'jwt().secret',
    secret,
  );
});

test.for([
  ['over plain ws: elsewhere', 'ws://agent.example/v1?key=the-key-of-tests'],
  ['with the key in its query', 'wss://agent.example/v1?key=the-key-of-tests'],
  ['with the key as its user', 'wss://the-key-of-tests@agent.example/v1'],
  ['that is no URL', 'the-key-of-tests'],
] as const)('does not start with an upstream %s, and does not repeat its address', ([, agentUrl]) => {
  expectStartRefused(() => proxyWith({ agentUrl }), 'deepgram().agentUrl', 'the-key-of-tests');
});

function proxyWith(
  route: Partial<Parameters<typeof deepgram>[0]>,
  more: Partial<VoiceProxyOptions> = {},
): unknown {
  return createVoiceProxy({
    auth: none(),
    routes: { '/deepgram-proxy': deepgram({ apiKey: JWT_SECRET, ...route }) },
    ...more,
  });
}
