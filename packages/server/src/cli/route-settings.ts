/** The routes of `voxproxy serve`: one for each provider whose key or address is set. */
import { asrUpload, claude, deepgram } from '../index.ts';
import type { ClaudeOptions, VoiceProxyOptions } from '../index.ts';
import { named, numberOf, required, textOf, type Environment } from './environment.ts';

const DEEPGRAM_PATH = '/deepgram-proxy';

/** @throws ConfigError that names the variable; DEEPGRAM_API_KEY when none is set. */
export function readRoutes(env: Environment): VoiceProxyOptions['routes'] {
  const routes = { ...readClaude(env), ...readAsrUpload(env) };
  const isAlone = Object.keys(routes).length === 0;
  return isAlone || textOf(env, 'DEEPGRAM_API_KEY') !== undefined
    ? { [DEEPGRAM_PATH]: readDeepgram(env), ...routes }
    : routes;
}

function readDeepgram(env: Environment): ReturnType<typeof deepgram> {
  const apiKey = required(
    env,
    'DEEPGRAM_API_KEY',
    'your Deepgram key (or set ANTHROPIC_API_KEY or ASR_UPLOAD_URL)',
  );
  named('DEEPGRAM_API_KEY', () => deepgram({ apiKey }));
  const agentUrl = textOf(env, 'DEEPGRAM_AGENT_URL');
  named('DEEPGRAM_AGENT_URL', () => deepgram({ apiKey, agentUrl }));
  return named('DEEPGRAM_LISTEN_URL', () =>
    deepgram({ apiKey, agentUrl, listenUrl: textOf(env, 'DEEPGRAM_LISTEN_URL') }),
  );
}

function readClaude(env: Environment): VoiceProxyOptions['routes'] {
  if (textOf(env, 'ANTHROPIC_API_KEY') === undefined && textOf(env, 'CLAUDE_MODEL') === undefined) return {};
  const apiKey = required(env, 'ANTHROPIC_API_KEY', 'your Anthropic key');
  const model = required(env, 'CLAUDE_MODEL', 'the id of a model');
  let options: ClaudeOptions = { apiKey, model: 'any' };
  // One option more each time, so that an error has the name of its variable.
  const add = (name: string, more: Partial<ClaudeOptions>): void => {
    options = { ...options, ...more };
    named(name, () => claude(options));
  };
  add('ANTHROPIC_API_KEY', {});
  add('CLAUDE_MODEL', { model });
  add('CLAUDE_BASE_URL', { baseUrl: textOf(env, 'CLAUDE_BASE_URL') });
  add('CLAUDE_MAX_TOKENS', { maxTokens: numberOf(env, 'CLAUDE_MAX_TOKENS') });
  return claude(options);
}

function readAsrUpload(env: Environment): VoiceProxyOptions['routes'] {
  const url = textOf(env, 'ASR_UPLOAD_URL');
  if (url === undefined) return {};
  named('ASR_UPLOAD_URL', () => asrUpload({ url }));
  return named('ASR_UPLOAD_KEY', () => asrUpload({ url, apiKey: textOf(env, 'ASR_UPLOAD_KEY') }));
}
