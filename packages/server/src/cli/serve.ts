/** `voxproxy serve`: runs the proxy alone and says what it serves. Signals and exit codes belong to main.ts. */
import { VERSION, createVoiceProxy } from '../index.ts';
import type { Listening, VoiceProxy } from '../index.ts';
import type { ServeConfig } from './config.ts';

/** Rejects with a ConfigError, or with Node's error when the address cannot be had. */
export async function serve(config: ServeConfig, say: (line: string) => void): Promise<VoiceProxy> {
  const proxy = createVoiceProxy(config.proxy);
  const listening = await proxy.listen(config.listen);
  for (const line of describe(config, listening)) say(line);
  return proxy;
}

function describe(config: ServeConfig, listening: Listening): string[] {
  const socketUrl = listening.url.replace(/^http/, 'ws');
  const routes = Object.entries(config.proxy.routes).map(([path, route]) =>
    'preset' in route
      ? row(route.preset.title, `${socketUrl}${path}?token=...`)
      : row(route.title, `${listening.url}${path}`),
  );
  return [
    `voxproxy ${VERSION} is listening on ${listening.url}`,
    ...routes,
    row('users', config.proxy.auth.title),
    row('state', `${listening.url}/health, ${listening.url}/ready`),
    ...config.notes.map((note) => row('note', note)),
  ];
}

/** Also behind a long title there is room. */
const row = (title: string, text: string): string => `  ${title.padEnd(10)}  ${text}`;
