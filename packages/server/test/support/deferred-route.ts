/** A route whose clients bring their token in a message, and what such a client says first. */
import { type MessageSlot, type Route, websocket } from '../../src/index.ts';
import type { MockUpstream } from '../../src/testing/mock-upstream.ts';
import type { MessageRules } from '../../src/index.ts';
import { type AbuseBench, ROUTE } from './abuse-bench.ts';
import { MOCK_SECRET } from './start-mock.ts';

export const FIRST: MessageSlot = { in: 'message', path: 'api_key', when: 'first' };
export const EACH_START: MessageSlot = { in: 'message', path: 'api_key', when: 'each-start' };

/** To Deepgram's mock, in its dialect, so that both can be judged as always. */
export const deferredTo =
  (slot: MessageSlot = FIRST, messages?: MessageRules) =>
  ({ agentUrl }: Pick<MockUpstream, 'agentUrl'>): Route =>
    websocket({
      url: agentUrl,
      apiKey: MOCK_SECRET,
      upstreamAuth: { in: 'subprotocol', values: ['token', '{key}'] },
      clientCredential: [slot],
      dialect: 'deepgram',
      messages,
    });

/** What is attacked, and how it is asked without a token in the upgrade. */
export const DEFERRED = { attacked: { toRoute: deferredTo() } };
export const ASKING = { target: ROUTE };

/** A first message, with a valid token unless another is given. */
export const firstText = (bench: Pick<AbuseBench, 'token'>, token: unknown = bench.token()): string =>
  JSON.stringify({ type: 'Settings', api_key: token, agent: { language: 'en' } });

/** The same as the upstream must see it. */
export const STRIPPED = '{"type":"Settings","agent":{"language":"en"}}';
