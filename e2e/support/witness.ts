/**
 * Sees everything that a page sends, gets and shows, and says whether any of it holds a secret or should not have
 * happened. It never looks away: what a page did before the check began counts too.
 */
import type { BrowserContext, CDPSession, Page, Request, Response, WebSocket } from '@playwright/test';
import { findSecret } from './find-secret.ts';

/** Of the function that a page calls when one of its sockets is closed. */
const CLOSE_BINDING = 'tellWitnessOfClose';
/** What Playwright says of a page, or of a response of the page before it, that is no more. */
const GONE = /has been closed|No resource with given identifier|No data found for resource/;

/** One thing seen: what it was, and all of it. */
interface Sight {
  what: string;
  content: unknown;
}

/** How a socket was closed, as its page was told. */
export interface SeenClose {
  code: number;
  reason: string;
}

export class Witness {
  readonly #context: BrowserContext;
  readonly #sights: Sight[] = [];
  readonly #pending: Promise<unknown>[] = [];
  readonly #secrets = new Set<string>();
  readonly #others: (() => unknown)[] = [];
  /** What went wrong in the pages: uncaught errors, violations of the policy, requests to elsewhere. */
  readonly problems: string[] = [];

  constructor(context: BrowserContext) {
    this.#context = context;
    context.on('request', (request) => this.#onRequest(request));
    context.on('response', (response) => this.#later(this.#onResponse(response)));
    context.on('requestfinished', (request) => this.#later(this.#onFinished(request)));
    context.on('console', (message) => this.#onConsole(message.text()));
    context.on('weberror', (error) => this.#onProblem(`uncaught: ${String(error.error())}`));
    context.on('page', (page) => page.on('websocket', (socket) => this.#onSocket(socket)));
  }

  /** Sees handshakes and closes, of which Playwright says nothing; call it before the page loads anything. */
  async watchSockets(page: Page): Promise<void> {
    const session: CDPSession = await this.#context.newCDPSession(page);
    session.on('Network.webSocketWillSendHandshakeRequest', (sent) => this.#see('handshake sent', sent));
    session.on('Network.webSocketHandshakeResponseReceived', (got) => this.#see('handshake received', got));
    await session.send('Network.enable');
    await page.exposeBinding(CLOSE_BINDING, (_, close: SeenClose) => this.#see('close received', close));
    await page.addInitScript(reportCloses, CLOSE_BINDING);
  }

  /** From now on none of these may be seen, neither in a page nor in what `others` gives at the end. */
  guard(secrets: readonly string[], others: () => unknown = () => undefined): void {
    for (const secret of secrets) this.#secrets.add(secret);
    this.#others.push(others);
  }

  /** Looks at what the pages show now. Call it while they are still there. */
  async lookAtPages(): Promise<void> {
    for (const page of this.#context.pages().filter((one) => one.url() !== 'about:blank')) {
      const shown = await page.evaluate(whatItHas);
      this.#see('page', { ...shown, url: page.url(), html: await page.content() });
    }
    await Promise.all(this.#pending.splice(0));
  }

  /** Everything found so far, one line each. */
  findings(): string[] {
    const seen = [
      ...this.#sights,
      ...this.#others.map((other) => ({ what: 'beside the page', content: other() })),
    ];
    const all = [...this.#secrets].flatMap((secret) =>
      seen.flatMap(({ what, content }) => findSecret(secret, content, what)),
    );
    return all.map(({ place, form }) => `secret in ${place}, ${form}`);
  }

  /** How much was seen, by kind; a check that saw nothing proves nothing. */
  count(what: string): number {
    return this.#sights.filter((sight) => sight.what === what).length;
  }

  /** How often the pages have asked another origin than this one, by a socket or by a request. */
  countAbroad(origin: string): number {
    const sockets = this.count('socket');
    const requests = this.#sights.filter(({ what }) => what === 'request');
    const urls = requests.map(({ content }) => (content as { url: string }).url);
    return sockets + urls.filter((url) => url.startsWith('http') && !url.startsWith(`${origin}/`)).length;
  }

  /** How many messages of this type the agent has sent to the pages. */
  countMessages(type: string): number {
    const texts = this.#sights.filter(({ what }) => what === 'frame received').map(({ content }) => content);
    return texts.filter((text) => typeof text === 'string' && text.startsWith(`{"type":"${type}"`)).length;
  }

  /** How the sockets of the pages were closed, in order. */
  closes(): SeenClose[] {
    const closes = this.#sights.filter(({ what }) => what === 'close received');
    return closes.map(({ content }) => content as SeenClose);
  }

  #see(what: string, content: unknown): void {
    this.#sights.push({ what, content });
  }

  #onRequest(request: Request): void {
    const url = new URL(request.url());
    if (!['127.0.0.1', ''].includes(url.hostname)) this.#onProblem(`request to ${url.origin}`);
    this.#see('request', { url: request.url(), method: request.method(), body: request.postDataBuffer() });
    this.#later(request.allHeaders().then((headers) => this.#see('request headers', headers)));
  }

  async #onResponse(response: Response): Promise<void> {
    this.#see('response headers', await response.allHeaders());
  }

  /** The body of a response that its page never reads does not come to an end. */
  async #onFinished(request: Request): Promise<void> {
    const response = await request.response();
    this.#see('response body', await response?.body());
  }

  #onSocket(socket: WebSocket): void {
    this.#see('socket', socket.url());
    socket.on('framesent', ({ payload }) => this.#see('frame sent', payload));
    socket.on('framereceived', ({ payload }) => this.#see('frame received', payload));
    socket.on('socketerror', (error) => this.#see('socket error', error));
  }

  #onConsole(text: string): void {
    this.#see('console', text);
    if (/content security policy|refused to/i.test(text)) this.#onProblem(text);
  }

  #onProblem(problem: string): void {
    this.problems.push(problem);
  }

  /** A response that is gone with its page has no body to look at; anything else unread is a problem. */
  #later(work: Promise<unknown>): void {
    const tell = (error: unknown): void => {
      if (!GONE.test(String(error))) this.#onProblem(`not looked at: ${String(error)}`);
    };
    this.#pending.push(work.catch(tell));
  }
}

/** Runs in the page before anything of its own. */
function reportCloses(binding: string): void {
  const tell = (close: SeenClose): void => {
    const { [binding]: told } = globalThis as unknown as Record<string, (close: SeenClose) => void>;
    told?.(close);
  };
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('close', ({ code, reason }) => tell({ code, reason }));
    }
  };
}

/** Runs in the page. */
function whatItHas(): object {
  const stored = [localStorage, sessionStorage].flatMap((storage) =>
    Array.from({ length: storage.length }, (_, index) => [
      storage.key(index),
      storage.getItem(storage.key(index) ?? ''),
    ]),
  );
  const { title, cookie, body } = document;
  return { title, cookie, stored, text: body?.innerText };
}
