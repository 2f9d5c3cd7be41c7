/** A user with a token, a mock of the provider, the proxy between them and a page on another origin, all on loopback. */
import { randomBytes } from 'node:crypto';
import { createDevelopmentToken, createVoiceProxy, jwt } from '@voxproxy/server';
import type { VoiceProxyOptions } from '@voxproxy/server';
import { startMockUpstream } from '@voxproxy/server/testing';
import type { MockOf, VendorName } from '@voxproxy/server/testing';
import { LogLines } from './log-lines.ts';
import { startPageServer } from '../sdk/page-server.ts';

export interface ServeOptions {
  routes: VoiceProxyOptions['routes'];
  /** Serves https and wss with a certificate of its own. Default false. */
  devTls?: boolean;
}

export interface SdkStack {
  /** What the provider wants and no page may see. */
  readonly apiKey: string;
  /** The user's. */
  readonly token: string;
  /** The provider's key and the signing secret. */
  readonly secrets: readonly string[];
  readonly log: LogLines;
  /** A mock that wants the key. To it the user's token is a violation, and any violation rejects `close()`. */
  mock<Vendor extends VendorName>(vendor: Vendor): Promise<MockOf<Vendor>>;
  /** Starts proxy and page; gives the page server's origin. */
  serve(options: ServeOptions): Promise<string>;
  /** Ends everything that was started. */
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;

/** `lifeMs` is that of the user's token; below zero it has run out already. */
export async function startSdkStack(lifeMs: number = HOUR_MS): Promise<SdkStack> {
  const apiKey = randomBytes(20).toString('hex');
  const secret = randomBytes(32).toString('hex');
  const token = await createDevelopmentToken({ secret, sub: 'page-visitor', lifetimeMs: lifeMs });
  const log = new LogLines();
  const started: { close(): Promise<void> }[] = [];
  return {
    ...{ apiKey, token, log, secrets: [apiKey, secret] },
    async mock(vendor) {
      const mock = await startMockUpstream({ vendor, secret: apiKey, userTokens: [token] });
      started.push({ close: () => closeMock(mock) });
      return mock;
    },
    async serve({ routes, devTls = false }) {
      const settings = { proxy: '', token };
      const pages = await startPageServer(() => settings);
      started.push(pages);
      const auth = jwt({ secret, algorithms: ['HS256'], clockToleranceMs: 0 });
      const proxy = createVoiceProxy({ auth, routes, origins: [pages.origin], logger: log });
      started.push(proxy);
      settings.proxy = (await proxy.listen({ devTls })).url;
      return pages.origin;
    },
    async close() {
      for (const one of started.toReversed()) await one.close();
    },
  };
}

async function closeMock(mock: Pick<MockOf<VendorName>, 'close' | 'expectNoViolations'>): Promise<void> {
  await mock.close();
  mock.expectNoViolations();
}
