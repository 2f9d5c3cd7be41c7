/** Public surface of @voxproxy/server. */
export { createVoiceProxy, type VoiceProxy } from './voice-proxy.ts';
export type { LimitOptions, VoiceProxyOptions } from './options.ts';
export type { Listening, ListenOptions } from './http/listener.ts';
export { jwt, type JwtOptions } from './auth/jwt.ts';
export type { JwtAlgorithm } from './auth/jwt-key.ts';
export { createDevelopmentToken, type DevelopmentTokenOptions } from './auth/development-token.ts';
export { none } from './auth/none.ts';
export type { AuthOutcome, AuthRefusal, Authenticator } from './auth/authenticator.ts';
export type { Principal } from './auth/principal.ts';
export { deepgram, type DeepgramOptions } from './upstream/presets/deepgram.ts';
export type { Endpoint, EndpointChoice, Preset, QueryRules } from './upstream/preset.ts';
export type {
  EphemeralTokens,
  Keepalive,
  Transport,
  UsageSource,
  VendorFacts,
} from './upstream/vendor-facts.ts';
export type { UpstreamTls } from './upstream/connector.ts';
export type { MessageHook, MessageRules } from './upstream/message-hook.ts';
export { DEEPGRAM_POLICY } from './upstream/policy/defaults-deepgram.ts';
export { OPENAI_REALTIME_POLICY } from './upstream/policy/defaults-openai-realtime.ts';
export { AZURE_OPENAI_POLICY } from './upstream/policy/defaults-azure-openai.ts';
export { AZURE_VOICE_LIVE_POLICY } from './upstream/policy/defaults-azure-voice-live.ts';
export { ELEVENLABS_POLICY } from './upstream/policy/defaults-elevenlabs.ts';
export { withPolicy } from './upstream/policy/with-policy.ts';
export type {
  JsonObject,
  JsonPath,
  JsonValue,
  MessagePolicy,
  MessageRule,
  ModelRule,
  Place,
  PolicyField,
  ServerValue,
  ToolCalls,
} from './upstream/policy/policy.ts';
export type { Judgement } from './relay/judge.ts';
export type { Route } from './upstream/route.ts';
export { Secret } from './upstream/secret.ts';
export { ConfigError, ProxyError } from './errors.ts';
export type { Clock } from './clock.ts';
export type { Logger } from './observability/log.ts';
export { VERSION } from './version.ts';
