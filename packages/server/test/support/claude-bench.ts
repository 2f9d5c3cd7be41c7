/** A proxy with the routes of Claude in front of a scripted API. */
import { claude, type ClaudeOptions, type VoiceProxyOptions } from '../../src/index.ts';
import { answering, CLAUDE_KEY, MODEL } from './claude-script.ts';
import { startHttpBench, type HttpBench } from './http-bench.ts';
import { startHttpUpstream, type HttpUpstream, type UpstreamScript } from './http-upstream.ts';
import type { TestCleanup } from './test-cleanup.ts';

export interface ClaudeGiven {
  readonly script?: UpstreamScript;
  readonly claude?: Partial<ClaudeOptions>;
  readonly proxy?: Partial<VoiceProxyOptions>;
}

export async function startClaude(
  context: TestCleanup,
  given: ClaudeGiven = {},
): Promise<{ bench: HttpBench; upstream: HttpUpstream }> {
  const upstream = await startHttpUpstream(context, given.script ?? answering('MRR is 92,148.74.'));
  const routes = claude({ apiKey: CLAUDE_KEY, model: MODEL, baseUrl: upstream.url, ...given.claude });
  const bench = await startHttpBench(context, { routes, ...given.proxy });
  return { bench, upstream };
}

export const QUESTION = { question: 'What is my MRR?', context: { current_mrr: 92148.74 } };
