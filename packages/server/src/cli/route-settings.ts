/** The routes of `voxproxy serve`: one for each provider whose key or address is set. */
import { claude, deepgram } from '../index.ts';
import type { VoiceProxyOptions } from '../index.ts';
import { readAsrSocket, readAsrUpload } from './asr-settings.ts';
import { readAzureOpenAi, readAzureVoiceLive } from './azure-settings.ts';
import { createSteps, listOf, numberOf, required, textOf, type Environment } from './environment.ts';
import { addKey, hasKey } from './key-settings.ts';

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
  return isAlone || hasKey(env, 'DEEPGRAM_API_KEY')
    ? { [DEEPGRAM_PATH]: readDeepgram(env), ...routes }
    : routes;
}

function readDeepgram(env: Environment): ReturnType<typeof deepgram> {
  const steps = createSteps(deepgram, { apiKey: 'any' });
  addKey(steps, env, {
    name: 'DEEPGRAM_API_KEY',
    what: 'your Deepgram key (or a setting of another provider, see --help)',
  });
  steps.add('DEEPGRAM_AGENT_URL', { agentUrl: textOf(env, 'DEEPGRAM_AGENT_URL') });
  steps.add('DEEPGRAM_LISTEN_URL', { listenUrl: textOf(env, 'DEEPGRAM_LISTEN_URL') });
  steps.add('DEEPGRAM_LISTEN_V2_URL', { listenV2Url: textOf(env, 'DEEPGRAM_LISTEN_V2_URL') });
  steps.add('DEEPGRAM_SPEAK_URL', { speakUrl: textOf(env, 'DEEPGRAM_SPEAK_URL') });
  steps.add('DEEPGRAM_MODELS', { models: listOf(env, 'DEEPGRAM_MODELS') });
  return steps.made();
}

function readClaude(env: Environment): VoiceProxyOptions['routes'] {
  if (!hasKey(env, 'ANTHROPIC_API_KEY') && textOf(env, 'CLAUDE_MODEL') === undefined) return {};
  const steps = createSteps(claude, { apiKey: 'any', model: 'any' });
  addKey(steps, env, { name: 'ANTHROPIC_API_KEY', what: 'your Anthropic key' });
  const model = required(env, 'CLAUDE_MODEL', 'the id of a model');
  steps.add('CLAUDE_MODEL', { model });
  steps.add('CLAUDE_BASE_URL', { baseUrl: textOf(env, 'CLAUDE_BASE_URL') });
  steps.add('CLAUDE_MAX_TOKENS', { maxTokens: numberOf(env, 'CLAUDE_MAX_TOKENS') });
  return steps.made();
}
