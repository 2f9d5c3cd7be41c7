/** Errors of the server. Their messages are for operators; a client sees the close row's word and sentence, never these. */
import { CLOSE_ROWS, type CloseName } from './contract/index.ts';

export type UpstreamState = 'down' | 'there';

/** Failed I/O that ends a session or a request. */
export class ProxyError extends Error {
  /** The close row that tells the client. */
  readonly closeName: CloseName;
  /** Wait that the upstream asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What it says of the upstream, whatever was asked of it: that it is down, or that it is there. Undefined when nothing. */
  readonly tells: UpstreamState | undefined;

  constructor(
    closeName: CloseName,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number; tells?: UpstreamState | undefined } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'ProxyError';
    this.closeName = closeName;
    this.retryAfterMs = options.retryAfterMs;
    this.tells = options.tells;
  }

  /** The close row's word, as it stands in error frames and bodies. */
  get code(): string {
    return CLOSE_ROWS[this.closeName].word;
  }
}

/** A setting that cannot work, thrown while the proxy is being made. Names the option, what is wrong and what to do. */
export class ConfigError extends Error {
  /** Path of the option, such as `routes["/deepgram-proxy"].apiKey`. */
  readonly option: string;

  constructor(option: string, problem: string) {
    super(`${option}: ${problem}`);
    this.name = 'ConfigError';
    this.option = option;
  }
}
