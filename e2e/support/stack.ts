/** Local upstreams and the demo application in front of them, on free ports, with the secret and the log within reach. */
import { randomBytes } from 'node:crypto';
import type { Demo } from '../app/backend/start-demo.ts';
import { startDemo } from '../app/backend/start-demo.ts';
import type { TokenKind } from '../app/demo-contract.ts';
import { startLocalUpstreams } from '../local/start-local-upstreams.ts';
import type { LocalUpstreams } from '../local/start-local-upstreams.ts';
import { LogLines } from './log-lines.ts';

export interface StackOptions {
  /** The key that the proxy sends upstream. Default: the one that the upstream wants. */
  apiKey?: string;
  /** Life of a short token in milliseconds. Default 4000. */
  shortTokenMs?: number;
  /** Whether PocketSphinx is used where it is installed. Default true. */
  useRecogniser?: boolean;
}

export interface Stack {
  /** Of the page, without a slash at the end. */
  url: string;
  /** What must not be seen outside the server: the provider's key, the one used in its place, the signing secret. */
  secrets: readonly string[];
  upstreams: LocalUpstreams;
  proxy: Demo['proxy'];
  log: LogLines;
  /** The kinds of the tokens that the page gets next, instead of what it asks for. */
  nextTokens: TokenKind[];
  /** Ends everything; safe to call twice. */
  close(): Promise<void>;
}

const PAGE = new URL('../dist/app/', import.meta.url);

/** Rejects when the page is not built. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const secret = randomBytes(20).toString('hex');
  const apiKey = options.apiKey ?? secret;
  const log = new LogLines();
  const nextTokens: TokenKind[] = [];
  const upstreams = await startLocalUpstreams({ secret, useRecogniser: options.useRecogniser ?? true });
  const { agentUrl, listenUrl, hasRecogniser } = upstreams;
  const demo = await startDemo({
    pageFolder: PAGE,
    deepgram: { apiKey, agentUrl, listenUrl },
    config: { upstream: 'local', hasRecogniser },
    logger: log,
    chooseToken: (asked) => nextTokens.shift() ?? asked,
    ...(options.shortTokenMs === undefined ? {} : { shortTokenMs: options.shortTokenMs }),
  }).catch(async (error: unknown) => {
    await upstreams.close();
    throw error;
  });
  const secrets = [...new Set([secret, apiKey, demo.signingSecret])];
  let closing: Promise<unknown> | undefined;
  return {
    ...{ url: demo.url, secrets, upstreams, proxy: demo.proxy, log, nextTokens },
    async close() {
      closing ??= demo.close().finally(() => upstreams.close());
      await closing;
    },
  };
}
