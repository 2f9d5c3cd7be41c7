/** Azure's routes of `voxproxy serve`, by name of the resource or by address, and the users of Entra ID. */
import { azureOpenAi, azureVoiceLive, ConfigError, entra, mount, uncheckedEntra } from '../index.ts';
import type { AzureVoiceLiveOptions, VoiceProxyOptions } from '../index.ts';
import { createSteps, flagOf, hasAny, listOf, required, textOf, type Environment } from './environment.ts';
import { addKey, hasKey } from './key-settings.ts';

type Routes = VoiceProxyOptions['routes'];

/** Where the pages of its older proxies ask for it; Azure's own SDK asks at a path of Azure's. */
const VOICE_LIVE_PATH = '/ws';

const RESOURCE_KEY = 'the key of your resource';
const live = (end: string): string => `AZURE_VOICE_LIVE_${end}`;
const openAi = (end: string): string => `AZURE_OPENAI_${end}`;

const isSet = (env: Environment, nameOf: (end: string) => string): boolean =>
  hasKey(env, nameOf('API_KEY')) || hasAny(env, [nameOf('RESOURCE'), nameOf('URL')]);

/** No routes when nothing of it is set. @throws ConfigError that names the variable. */
export function readAzureVoiceLive(env: Environment): Routes {
  const passUserTokens = flagOf(env, live('PASS_USER_TOKENS'));
  if (!passUserTokens && !isSet(env, live)) return {};
  const steps = createSteps(azureVoiceLive, { apiKey: 'any', resource: 'any', passUserTokens });
  addKey(steps, env, { name: live('API_KEY'), ...(passUserTokens ? {} : { what: RESOURCE_KEY }) });
  const { resource, url } = addressOf(env, 'AZURE_VOICE_LIVE');
  steps.add(live('RESOURCE'), { resource: resource ?? 'any' });
  steps.add(live('URL'), { url });
  steps.add(live('MODELS'), { models: listOf(env, live('MODELS')) });
  steps.add(live('API_VERSION'), { apiVersion: textOf(env, live('API_VERSION')) });
  steps.add(live('KEY_IN'), { keyIn: readKeyIn(env, live('KEY_IN')) });
  steps.add(live('AGENT_ID'), { agent: readAgent(env) });
  steps.add(live('NAMED_AGENT'), { namedAgent: readNamedAgent(env) });
  const route = steps.made();
  return { [VOICE_LIVE_PATH]: route, ...mount('', route) };
}

function readKeyIn(env: Environment, name: string): AzureVoiceLiveOptions['keyIn'] {
  const text = textOf(env, name);
  if (text === undefined || text === 'header' || text === 'query') return text;
  throw new ConfigError(name, 'is neither header nor query. Leave it out for header.');
}

/** What a client gets that asks for an agent and names none. */
function readAgent(env: Environment): AzureVoiceLiveOptions['agent'] {
  if (!hasAny(env, [live('AGENT_ID'), live('AGENT_PROJECT')])) return undefined;
  const id = required(env, live('AGENT_ID'), 'the id of your agent');
  return { id, project: required(env, live('AGENT_PROJECT'), 'the name of its project') };
}

/** What a client gets that names neither an agent nor a model. Agents take users' own tokens alone. */
function readNamedAgent(env: Environment): AzureVoiceLiveOptions['namedAgent'] {
  if (!hasAny(env, [live('NAMED_AGENT'), live('NAMED_AGENT_PROJECT')])) return undefined;
  const name = required(env, live('NAMED_AGENT'), 'the name of your agent');
  return { name, project: required(env, live('NAMED_AGENT_PROJECT'), 'the name of its project') };
}

/** No routes when nothing of it is set. @throws ConfigError that names the variable. */
export function readAzureOpenAi(env: Environment): Routes {
  if (!isSet(env, openAi)) return {};
  const steps = createSteps(azureOpenAi, { apiKey: 'any', resource: 'any', deployments: ['any'] });
  addKey(steps, env, { name: openAi('API_KEY'), what: RESOURCE_KEY });
  const { resource, url } = addressOf(env, 'AZURE_OPENAI');
  required(env, openAi('DEPLOYMENTS'), 'the deployments that clients may ask for, comma-separated,');
  steps.add(openAi('RESOURCE'), { resource: resource ?? 'any' });
  steps.add(openAi('URL'), { url });
  steps.add(openAi('PREVIEW_URL'), { previewUrl: textOf(env, openAi('PREVIEW_URL')) });
  steps.add(openAi('DEPLOYMENTS'), { deployments: listOf(env, openAi('DEPLOYMENTS')) });
  return mount('', steps.made());
}

/** The resource may be left out where its address is given. */
function addressOf(
  env: Environment,
  prefix: string,
): { resource: string | undefined; url: string | undefined } {
  const url = textOf(env, `${prefix}_URL`);
  const resource =
    url === undefined
      ? required(env, `${prefix}_RESOURCE`, 'the name of your resource')
      : textOf(env, `${prefix}_RESOURCE`);
  return { resource, url };
}

/** @throws ConfigError that names the variable. */
export function readEntra(env: Environment): VoiceProxyOptions['auth'] {
  const tenantId = required(env, 'ENTRA_TENANT_ID', 'the id of your directory, a GUID,');
  const steps = createSteps(entra, { tenantId });
  steps.add('ENTRA_TENANT_ID', {});
  steps.add('ENTRA_AUDIENCES', { audiences: listOf(env, 'ENTRA_AUDIENCES') });
  steps.add('ENTRA_CLIENT_IDS', { clientIds: listOf(env, 'ENTRA_CLIENT_IDS') });
  steps.add('ENTRA_ALLOW_TOKENLESS', { allowTokenless: flagOf(env, 'ENTRA_ALLOW_TOKENLESS') });
  return steps.made();
}

/** @throws ConfigError that names the variable. */
export function readUncheckedEntra(env: Environment): VoiceProxyOptions['auth'] {
  // Whoever sets one of these wants tokens to be checked.
  const checks = ['ENTRA_TENANT_ID', 'ENTRA_AUDIENCES', 'ENTRA_CLIENT_IDS'];
  const check = checks.find((name) => textOf(env, name) !== undefined);
  if (check !== undefined)
    throw new ConfigError(check, 'is set, but AUTH=entra-unchecked checks nothing. Set AUTH=entra.');
  return uncheckedEntra({ allowTokenless: flagOf(env, 'ENTRA_ALLOW_TOKENLESS') });
}

/** Only those who are checked by it have tokens that may go on to Azure. @throws ConfigError that names the variable. */
export function checkPassedTokens(env: Environment, auth: VoiceProxyOptions['auth']): void {
  if (!flagOf(env, 'AZURE_VOICE_LIVE_PASS_USER_TOKENS') || auth.letsTokensPass === true) return;
  const problem = 'is true, but tokens of Azure are not checked. Set AUTH=entra and ENTRA_TENANT_ID.';
  throw new ConfigError('AZURE_VOICE_LIVE_PASS_USER_TOKENS', problem);
}
