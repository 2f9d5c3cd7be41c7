/** The limits of `voxproxy serve`, each under the name of its option: `idleTimeoutMs` is LIMIT_IDLE_TIMEOUT_MS. Their ranges are options.ts's. */
import { ConfigError } from '../index.ts';
import type { LimitOptions } from '../index.ts';
import { DEFAULT_LIMITS, type Limits } from '../options.ts';
import { textOf, type Environment } from './environment.ts';

const SAYS: Readonly<Record<keyof Limits, string>> = {
  authTimeoutMs: 'time for the check of a token',
  credentialTimeoutMs: 'time for a client whose token comes in a message',
  credentialSockets: 'clients whose token is waited for at once',
  earlyBytes: 'bytes that a client may send before its session is open',
  idleTimeoutMs: 'longest time without a frame either way',
  longestSessionMs: 'longest session',
  pingIntervalMs: 'how often a client is pinged',
  stallTimeoutMs: 'longest time in which one side takes nothing',
  lagTimeoutMs: 'longest time for which what a client has sent may wait for a provider that reads too slowly',
  closeTimeoutMs: 'time for the closing handshakes',
  drainGraceMs: 'how long sessions go on after SIGTERM',
  messageTimeoutMs: 'longest time for one message of a client',
  hookTimeoutMs: 'longest time for a message hook',
  resumeHoldMs: 'session mode: how long a session is held whose client has vanished',
  resumeBytes: 'session mode: bytes kept for either side of a session',
  resumeTotalBytes: 'session mode: bytes kept for all sessions together',
  bodyTimeoutMs: 'time for the JSON body of an HTTP request',
  toldRefusals: 'refused sockets that are told why at once',
};

export interface LimitSetting {
  readonly name: string;
  readonly limit: keyof Limits;
  readonly says: string;
}

const nameOf = (limit: string): string =>
  `LIMIT_${limit.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

export const LIMIT_SETTINGS: readonly LimitSetting[] = (Object.keys(SAYS) as (keyof Limits)[]).map(
  (limit) => ({ name: nameOf(limit), limit, says: `${SAYS[limit]}; default ${DEFAULT_LIMITS[limit]}` }),
);

/** Calls `add` for each limit that is set. @throws ConfigError for what is no number. */
export function readLimits(env: Environment, add: (name: string, more: LimitOptions) => void): void {
  for (const { name, limit } of LIMIT_SETTINGS) {
    const value = limitOf(env, name);
    if (value !== undefined) add(name, { [limit]: value });
  }
}

function limitOf(env: Environment, name: string): number | undefined {
  const text = textOf(env, name);
  if (text === undefined) return undefined;
  if (text === 'Infinity' || /^\d{1,15}$/.test(text)) return Number(text);
  throw new ConfigError(name, 'is neither a whole number nor Infinity. Write it in digits.');
}
