/** Scripted mock upstreams for tests of applications that use the proxy. They listen on loopback and need no key. */
export type { WaitOptions } from './changes.ts';
export type { HttpAnswer } from './http-answers.ts';
export type { MockFrame } from './message-reader.ts';
export { startMockDeepgram } from './mock-deepgram.ts';
export type { ExchangeEnd, ExchangeScript, MockExchange } from './mock-exchange.ts';
export type { MockAuth, MockDeepgramOptions, MockUpstreamOptions } from './mock-options.ts';
export type { MockRequest } from './mock-request.ts';
export type { MockClose, MockSession, SessionScript } from './mock-session.ts';
export type { MockOf, MockUpstream } from './mock-upstream.ts';
export type { Play, Respond } from './scenarios/behaviour.ts';
export type {
  ScenarioChanges,
  ScenarioChoice,
  ScenarioName,
  ScenarioParameters,
  ScenarioRow,
  ScenarioSpec,
} from './scenarios/index.ts';
export { SCENARIOS } from './scenarios/index.ts';
export type { RubbishName } from './scenarios/payloads.ts';
export { startMockUpstream } from './start-mock-upstream.ts';
export type { Entry, UpgradeRequest } from './upgrade-request.ts';
export type { VendorName, VendorServices } from './vendors/index.ts';
export type { CallAnswer, Conversation, Payload, Turn } from './vendors/vendor.ts';
export type { FrameShape, WireFrame } from './wire-frames.ts';
