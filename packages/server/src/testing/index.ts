/** Scripted mock upstreams for tests of applications that use the proxy. They listen on loopback and need no key. */
export type { WaitOptions } from './changes.ts';
export type { MockAuth, MockService } from './handshake-rules.ts';
export type { HttpAnswer } from './http-answers.ts';
export type { MockFrame } from './message-reader.ts';
export { startMockDeepgram } from './mock-deepgram.ts';
export type { MockDeepgramOptions } from './mock-options.ts';
export type { MockClose, MockSession } from './mock-session.ts';
export type { MockUpstream } from './mock-upstream.ts';
export type { Play } from './scenarios/behaviour.ts';
export type {
  ScenarioChoice,
  ScenarioName,
  ScenarioParameters,
  ScenarioRow,
  ScenarioSpec,
} from './scenarios/index.ts';
export { SCENARIOS } from './scenarios/index.ts';
export type { RubbishName } from './scenarios/payloads.ts';
export type { Entry, UpgradeRequest } from './upgrade-request.ts';
export type { FrameShape, WireFrame } from './wire-frames.ts';
