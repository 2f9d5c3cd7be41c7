/**
 * The table of contenders. `reference` is what a row is compared with, loaded at the same time on the same core.
 * How a contender is started is rig/contender-processes.mjs's.
 */
import { haproxyCommand } from './contenders/haproxy.mjs';
import { nginxCommand } from './contenders/nginx.mjs';

/** What an agent's client says first; only routes with policy on messages look into it. */
const SETTINGS = '{"type":"Settings","agent":{"think":{"provider":{"type":"open_ai"}}}}';

/**
 * `script` is a Node process of contenders/, `settings` what it is told; `program` is one of the machine, with its
 * `command`; `wish` what the load adds to each session.
 */
export const contenders = {
  pipe: { script: 'pipe' },
  'tls-pipe': { script: 'pipe', isTls: true },
  ours: { script: 'ours', hasToken: true, reference: 'pipe', second: 'nginx' },
  'ours-tls': { script: 'ours', hasToken: true, isTls: true, reference: 'tls-pipe', second: 'nginx-tls' },
  'ours-session': { script: 'ours', hasToken: true, reference: 'pipe', wish: { isSession: true } },
  'ours-locked': {
    ...{ script: 'ours', hasToken: true, reference: 'pipe' },
    ...{ settings: { isLocked: true }, wish: { firstText: SETTINGS } },
  },
  'ours-messages': { script: 'ours', hasToken: true, reference: 'pipe', settings: { legs: 'messages' } },
  'ws-relay': { script: 'ws-relay', reference: 'pipe', second: 'nginx' },
  'http-proxy': { script: 'http-proxy', reference: 'pipe' },
  nginx: { program: 'nginx', command: nginxCommand, reference: 'pipe' },
  'nginx-tls': { program: 'nginx', command: nginxCommand, isTls: true, reference: 'tls-pipe' },
  haproxy: { program: 'haproxy', command: haproxyCommand, reference: 'pipe' },
};

/** Those chosen, and whatever they are compared with. @throws Error for a name that is not in the table */
export function chooseContenders(chosen = Object.keys(contenders)) {
  const unknown = chosen.find((name) => !contenders[name]);
  if (unknown)
    throw new Error(`${unknown} is not a contender; there are ${Object.keys(contenders).join(', ')}`);
  const names = new Set(chosen.flatMap((name) => [name, contenders[name].reference ?? name]));
  return Object.keys(contenders).filter((name) => names.has(name));
}
