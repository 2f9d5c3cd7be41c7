/** The page's calls to the demo's backend. */
import { CONFIG_PATH, TOKEN_PATH } from './demo-contract.ts';
import type { DemoConfig, DemoToken, TokenKind } from './demo-contract.ts';

export function fetchConfig(signal: AbortSignal): Promise<DemoConfig> {
  return fetchJson(CONFIG_PATH, { signal });
}

/** Rejects when the backend cannot be reached. */
export function fetchToken(kind: TokenKind, signal: AbortSignal): Promise<DemoToken> {
  return fetchJson(`${TOKEN_PATH}?kind=${kind}`, { method: 'POST', signal });
}

async function fetchJson<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(path, init);
  if (!response.ok) throw new Error(`The demo server answered with ${response.status}.`);
  return (await response.json()) as T;
}
