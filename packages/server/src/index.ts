/** Public surface of @voxproxy/server. */
export { createVoiceProxy, type VoiceProxy } from './voice-proxy.ts';
export type { LimitOptions, VoiceProxyOptions } from './options.ts';
export type { BreakerOptions } from './upstream/breaker-options.ts';
export { withSpares, type SpareOptions } from './upstream/with-spares.ts';
export { withFallback, type FallbackOptions } from './upstream/with-fallback.ts';
export type { Listening, ListenOptions } from './http/listener.ts';
export type { HttpMethod, HttpRoute } from './http/http-route.ts';
export { asrUpload } from './http/upload.ts';
export type { AsrUploadOptions } from './http/upload-options.ts';
export { claude } from './http/claude.ts';
export type { ClaudeOptions } from './http/claude-options.ts';
export { anthropic, type AnthropicOptions } from './http/anthropic.ts';
export { deepgramRest, type DeepgramRestOptions } from './http/deepgram-rest.ts';
export { elevenLabsRest, type ElevenLabsRestOptions } from './http/elevenlabs-rest.ts';
export { http, type HttpCallOptions, type HttpOptions } from './http/http.ts';
export type { ApiBody, ApiForm, FaultDialect, JsonRules } from './upstream/http-api.ts';
export { openAiRest, type OpenAiRestOptions } from './http/openai-rest.ts';
export type { RestOptions } from './http/rest-options.ts';
export { SHIPPED_TEMPLATES, type ParameterRule, type Template } from './http/templates.ts';
export { jwt, type JwtOptions } from './auth/jwt.ts';
export type { JwtAlgorithm } from './auth/jwt-key.ts';
export { createDevelopmentToken, type DevelopmentTokenOptions } from './auth/development-token.ts';
export { hmac, type HmacOptions } from './auth/hmac.ts';
export { entra, uncheckedEntra, type EntraOptions, type UncheckedEntraOptions } from './auth/entra.ts';
export type { KeySet } from './auth/remote-keys.ts';
export { none } from './auth/none.ts';
export type { AuthOutcome, AuthRefusal, AuthRequest, Authenticator } from './auth/authenticator.ts';
export type { Principal } from './auth/principal.ts';
export { deepgram, type DeepgramOptions } from './upstream/presets/deepgram.ts';
export { openAiRealtime, type OpenAiRealtimeOptions } from './upstream/presets/openai-realtime.ts';
export { azureOpenAi, type AzureOpenAiOptions } from './upstream/presets/azure-openai.ts';
export { asr, type AsrOptions } from './upstream/presets/asr.ts';
export { azureVoiceLive, type AzureVoiceLiveOptions } from './upstream/presets/azure-voice-live.ts';
export { elevenLabsAgents, type ElevenLabsAgentsOptions } from './upstream/presets/elevenlabs-agents.ts';
export { websocket, type WebsocketOptions } from './upstream/websocket.ts';
export { definePreset } from './upstream/define-preset.ts';
export { mount } from './upstream/mount.ts';
export { createRoute, type RouteOptions } from './upstream/create-route.ts';
export type {
  CloseCodes,
  Endpoint,
  EndpointChoice,
  Grade,
  Preset,
  QueryRules,
  SubprotocolRules,
  UserTokenRules,
  UrlVariable,
} from './upstream/preset.ts';
export type { HandshakeSlot, MessageSlot, Slot } from './contract/index.ts';
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
export { SEED_RELAXATIONS, type Relaxation } from './upstream/policy/seed-compat.ts';
export { withoutPolicy, withPolicy } from './upstream/policy/with-policy.ts';
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
export {
  secretFile,
  secretSource,
  type ProviderKey,
  type SecretSource,
  type SecretSourceOptions,
} from './upstream/secret-sources.ts';
export { ConfigError, ProxyError } from './errors.ts';
export type { Clock } from './clock.ts';
export type { Logger } from './observability/log.ts';
export { VERSION } from './version.ts';
