/** A client with manual time, no luck and a switchable network, and a record of all that it says. */
import { onTestFinished } from 'vitest';
import type { ClientSnapshot, ClientState } from '../../src/connection/state.ts';
import type { ProxyClientOptions } from '../../src/options.ts';
import { ProxyClient, type ClientEvents } from '../../src/proxy-client.ts';
import { FakeNetwork } from './fake-network.ts';
import { ManualScheduler } from './manual-scheduler.ts';
import { withDeadline } from './with-deadline.ts';

const EVENTS = ['state', 'open', 'text', 'binary', 'close', 'refused', 'error', 'reconnecting'] as const;

/** Longer than the client waits for the answer to a close. */
const LONGEST_CLOSE_MS = 10_000;
/** A random number that leaves room on both sides. */
const HALF = (): number => 0.5;

export class WatchedClient {
  readonly scheduler = new ManualScheduler();
  readonly network = new FakeNetwork();
  readonly client: ProxyClient;
  readonly told: { name: keyof ClientEvents; payload: unknown }[] = [];
  readonly states: ClientState[] = ['idle'];

  constructor(options: ProxyClientOptions) {
    const { scheduler, network } = this;
    this.client = new ProxyClient({ scheduler, network, random: HALF, ...options });
    for (const name of EVENTS) this.client.on(name, (payload) => this.told.push({ name, payload }));
    this.client.on('state', ({ state }) => void (state !== this.states.at(-1) && this.states.push(state)));
    onTestFinished(() => {
      const closed = this.client.close();
      scheduler.advance(LONGEST_CLOSE_MS);
      return closed;
    });
  }

  get snapshot(): ClientSnapshot {
    return this.client.getSnapshot();
  }

  payloads<Name extends keyof ClientEvents>(name: Name): ClientEvents[Name][] {
    return this.told
      .filter((event) => event.name === name)
      .map(({ payload }) => payload as ClientEvents[Name]);
  }

  /** Also when the state is reached already. */
  reach(state: ClientState): Promise<void> {
    return withDeadline(`the state ${state}`, (resolve) => {
      const look = (): void => {
        if (this.snapshot.state !== state) return;
        stop();
        resolve();
      };
      const stop = this.client.subscribe(look);
      look();
    });
  }

  next<Name extends keyof ClientEvents>(name: Name): Promise<ClientEvents[Name]> {
    return withDeadline(name, (resolve) => this.client.once(name, resolve));
  }

  /** Lets the wait before the next attempt pass, and waits for what that attempt leads to. */
  async retry(state: ClientState): Promise<void> {
    await this.reach('waiting');
    this.scheduler.advance((this.snapshot.retryAt ?? 0) - this.scheduler.now());
    await this.reach(state);
  }
}
