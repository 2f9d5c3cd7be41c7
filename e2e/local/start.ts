/**
 * What `npm start` runs: the demo, talking to Deepgram where its key is set and to the local upstream otherwise. Reads
 * the environment and .env, prints where the page is, and ends cleanly on SIGINT and SIGTERM.
 */
import { startDemo } from '../app/backend/start-demo.ts';
import type { Demo, DemoOptions } from '../app/backend/start-demo.ts';
import { startLocalUpstreams } from './start-local-upstreams.ts';

type Upstream = Pick<DemoOptions, 'deepgram' | 'config'> & { words: string; close(): Promise<void> };

const PREFERRED_PORT = 3000;

/** Only what is wrong is worth a line beside the address of the page. */
const logger: DemoOptions['logger'] = {
  info: () => undefined,
  warn: (fields, message) => console.warn(`${message}: ${wordOf(fields)}`),
  error: (fields, message) => console.error(`${message}: ${JSON.stringify(fields)}`),
};

loadEnvFile();
const upstream = await openUpstream(process.env);
const demo = await openDemo(upstream);
console.log(`${demo.url}\n${upstream.words}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);

function wordOf(fields: object): string {
  return String(Reflect.get(fields, 'cause') ?? Reflect.get(fields, 'code') ?? '');
}

function loadEnvFile(): void {
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function openUpstream(env: NodeJS.ProcessEnv): Promise<Upstream> {
  const apiKey = env['DEEPGRAM_API_KEY']?.trim();
  return apiKey
    ? vendorUpstream(apiKey, env['DEEPGRAM_AGENT_URL'])
    : localUpstream(env['VOXPROXY_LOCAL_SECRET'] || crypto.randomUUID());
}

function vendorUpstream(apiKey: string, agentUrl: string | undefined): Upstream {
  return {
    deepgram: { apiKey, agentUrl },
    config: { upstream: 'deepgram', hasRecogniser: true },
    words: 'Answered by Deepgram, because DEEPGRAM_API_KEY is set.',
    close: async () => undefined,
  };
}

/** Tests name the secret, so that they can look for it; otherwise it is a new one each time. */
async function localUpstream(secret: string): Promise<Upstream> {
  const upstreams = await startLocalUpstreams({ secret });
  const { agentUrl, listenUrl, hasRecogniser } = upstreams;
  const ears = hasRecogniser
    ? 'understands a few commands by PocketSphinx'
    : "plays your voice back (to be understood: Debian's pocketsphinx and pocketsphinx-en-us)";
  return {
    deepgram: { apiKey: secret, agentUrl, listenUrl },
    config: { upstream: 'local', hasRecogniser },
    words: `Answered on this machine: speaks by flite, ${ears}. With DEEPGRAM_API_KEY set, by Deepgram.`,
    close: () => upstreams.close(),
  };
}

/** PORT is obeyed; without it any port will do when the usual one is taken. */
async function openDemo({ deepgram, config, close }: Upstream): Promise<Demo> {
  const { PORT } = process.env;
  const options = { deepgram, config, logger, pageFolder: new URL('../app/', import.meta.url) };
  try {
    return await startDemo({ ...options, ports: PORT ? [Number(PORT)] : [PREFERRED_PORT, 0] });
  } catch (error) {
    await close();
    throw error;
  }
}

async function stop(): Promise<void> {
  await demo.close();
  await upstream.close();
}
