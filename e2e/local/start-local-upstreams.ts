/** Starts the local upstreams: the agent and the listen dialect with real speech, on one port. Reads no environment but PATH and prints nothing. */
import type { Faults } from './faults.ts';
import { createFlite } from './flite.ts';
import { findRecogniser } from './recognise.ts';
import { AGENT_PATH, LISTEN_PATH, UpstreamServer } from './upstream-server.ts';

export interface LocalUpstreamOptions {
  /** What clients must prove to know. */
  secret: string;
  /** Address to listen on. Default 127.0.0.1. */
  host?: string;
  /** Default 0: a free port. */
  port?: number;
  /** Multiple of real time at which speech is sent, at most 300 ms ahead of it. Default 1.25; Infinity for no pace at all. */
  sayRate?: number;
  /** Whether PocketSphinx is used where it is installed. Default true. */
  useRecogniser?: boolean;
  /** What the agent takes for the present. Default the system's clock. */
  now?: () => Date;
  /** Milliseconds without a message after which an agent session ends with CLIENT_MESSAGE_TIMEOUT. Default 12 000. */
  agentSilenceMs?: number;
  /** Milliseconds without audio or KeepAlive after which a listen stream is closed. Default 10 000. */
  listenSilenceMs?: number;
}

export interface SentAudio {
  bytes: number;
  /** FNV-1a, 32 bits, over all audio handed to the socket in order; eight hexadecimal digits. */
  fnv1a: string;
}

export interface LocalUpstreams {
  agentUrl: string;
  listenUrl: string;
  hasRecogniser: boolean;
  /** Sockets open now. */
  sessions(): number;
  /** The audio of each agent session, the oldest first; the last 100 sessions are kept. */
  sent(): SentAudio[];
  /** To be changed at any time. */
  faults: Faults;
  /** Ends all sessions at once, every process and thread, and removes their files. */
  close(): Promise<void>;
}

/** Rejects when the address cannot be listened on. */
export async function startLocalUpstreams(options: LocalUpstreamOptions): Promise<LocalUpstreams> {
  const recogniser = options.useRecogniser === false ? undefined : await findRecogniser();
  const server = new UpstreamServer({
    secret: options.secret,
    sayRate: options.sayRate ?? 1.25,
    now: options.now ?? (() => new Date()),
    agentSilenceMs: options.agentSilenceMs ?? 12_000,
    listenSilenceMs: options.listenSilenceMs ?? 10_000,
    flite: createFlite(),
    recogniser,
  });
  const address = await server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  return {
    agentUrl: `ws://${address}${AGENT_PATH}`,
    listenUrl: `ws://${address}${LISTEN_PATH}`,
    hasRecogniser: recogniser !== undefined,
    sessions: () => server.sessions,
    sent: () => server.sent.map(({ bytes, fnv1a }) => ({ bytes, fnv1a })),
    faults: server.faults,
    close: () => server.close(),
  };
}
