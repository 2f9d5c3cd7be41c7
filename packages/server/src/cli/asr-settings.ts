/** The routes of `voxproxy serve` to speech recognisers: over a socket, and by upload. */
import { asr, asrUpload } from '../index.ts';
import type { VoiceProxyOptions } from '../index.ts';
import { createSteps, numberOf, textOf, type Environment } from './environment.ts';
import { addKey } from './key-settings.ts';

type Routes = VoiceProxyOptions['routes'];

const SOCKET_PATH = '/ws/asr';

/** No routes when there is no address. @throws ConfigError that names the variable, and never the address. */
export function readAsrSocket(env: Environment): Routes {
  const url = textOf(env, 'ASR_SOCKET_URL');
  if (url === undefined) return {};
  const steps = createSteps(asr, { url });
  steps.add('ASR_SOCKET_URL', {});
  addKey(steps, env, { name: 'ASR_SOCKET_KEY' });
  steps.add('ASR_SOCKET_MAX_BYTES', { maxRecordingBytes: numberOf(env, 'ASR_SOCKET_MAX_BYTES') });
  steps.add('ASR_SOCKET_LONGEST_SESSION_MS', {
    longestSessionMs: numberOf(env, 'ASR_SOCKET_LONGEST_SESSION_MS'),
  });
  return { [SOCKET_PATH]: steps.made() };
}

/** No routes when there is no address. @throws ConfigError that names the variable. */
export function readAsrUpload(env: Environment): Routes {
  const url = textOf(env, 'ASR_UPLOAD_URL');
  if (url === undefined) return {};
  const steps = createSteps(asrUpload, { url });
  steps.add('ASR_UPLOAD_URL', {});
  addKey(steps, env, { name: 'ASR_UPLOAD_KEY' });
  steps.add('ASR_UPLOAD_MAX_BYTES', { maxFileBytes: numberOf(env, 'ASR_UPLOAD_MAX_BYTES') });
  return steps.made();
}
