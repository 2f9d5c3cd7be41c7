/** The routes of `voxproxy serve`: one for each provider whose key or address is set. */
import { claude, deepgram } from '../index.ts';
import type { VoiceProxyOptions } from '../index.ts';
import { readAsrSocket, readAsrUpload } from './asr-settings.ts';
import { readAzureOpenAi, readAzureVoiceLive } from './azure-settings.ts';
import { createSteps, named, numberOf, required, textOf, type Environment } from './environment.ts';

const DEEPGRAM_PATH = '/deepgram-proxy';

/** @throws ConfigError that names the variable; DEEPGRAM_API_KEY when none is set. */
export function readRoutes(env: Environment): VoiceProxyOptions['routes'] {
  const routes = {
    ...readAzureVoiceLive(env),
    ...readAzureOpenAi(env),
    ...readAsrSocket(env),
    ...readClaude(env),
    ...readAsrUpload(env),
  };
  const isAlone = Object.keys(routes).length === 0;
  return isAlone || textOf(env, 'DEEPGRAM_API_KEY') !== undefined
    ? { [DEEPGRAM_PATH]: readDeepgram(env), ...routes }
    : routes;
}

function readDeepgram(env: Environment): ReturnType<typeof deepgram> {
  const apiKey = required(
    env,
    'DEEPGRAM_API_KEY',
    'your Deepgram key (or a setting of another provider, see --help)',
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
  const steps = createSteps(claude, { apiKey, model: 'any' });
  steps.add('ANTHROPIC_API_KEY', {});
  steps.add('CLAUDE_MODEL', { model });
  steps.add('CLAUDE_BASE_URL', { baseUrl: textOf(env, 'CLAUDE_BASE_URL') });
  steps.add('CLAUDE_MAX_TOKENS', { maxTokens: numberOf(env, 'CLAUDE_MAX_TOKENS') });
  return steps.made();
}
