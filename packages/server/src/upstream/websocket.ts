/** websocket(): a route to any provider, written by the operator. The data is checked like that of a preset. */
import type { Dialect, HandshakeSlot, Slot } from '../contract/index.ts';
import { checkList, createRoute } from './create-route.ts';
import { definePreset } from './define-preset.ts';
import type { MessageRules } from './message-hook.ts';
import type { CloseCodes, QueryRules, SubprotocolRules } from './preset.ts';
import type { Route } from './route.ts';
import { checkUpstreamUrl } from './upstream-url.ts';
import type { Keepalive } from './vendor-facts.ts';
import type { ProviderKey } from './secret-sources.ts';

export interface WebsocketOptions {
  /** The provider's address, without a query. `wss:`, or `ws:` on loopback. */
  url: string;
  /** The provider's key. White space around it is removed. Never leaves the server except in the upstream handshake. */
  apiKey: ProviderKey | undefined;
  /** Where the key goes. Default: the header `Authorization: Bearer {key}`. */
  upstreamAuth?: HandshakeSlot | undefined;
  /** Where the provider's SDK puts its key, so that users' tokens are found there, beside the places of the contract. Default: none. */
  clientCredential?: readonly Slot[] | undefined;
  /** Subprotocols for the provider, and what clients are answered. Default: none, and the first offered one without a credential. */
  subprotocol?: SubprotocolRules | undefined;
  /** Headers for the provider beside the key's. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Default: the client's query passes unchanged. */
  query?: QueryRules | undefined;
  /** Values that `model` may have; `*` at the end stands for any name that begins so. Default: no `model` passes. */
  models?: readonly string[] | undefined;
  /** Paths for `mount()`. Default: none. */
  nativePaths?: readonly string[] | undefined;
  /** Default: none. */
  keepalive?: Keepalive | undefined;
  /** Said to the provider before the close when a page has vanished. Default: nothing. */
  lastText?: string | undefined;
  /** The shape of error frames. Default `plain`. */
  dialect?: Dialect | undefined;
  /** How clients are refused that used the provider's slots: over the socket, or by HTTP status. Default `close`. */
  refusal?: 'close' | 'http' | undefined;
  closeCodes?: CloseCodes | undefined;
  /** Longest message either way, in bytes. Default 16 MiB; above 0. A breach closes with `TooLarge`. */
  maxMessageBytes?: number | undefined;
  /** Time for the provider's handshake, in milliseconds. Default 10 000; above 0. A breach closes with `UpstreamTimeout`. */
  handshakeMs?: number | undefined;
  /** Hooks that see the text messages. Default: none, messages pass unopened. */
  messages?: MessageRules | undefined;
}

const BEARER: HandshakeSlot = { in: 'header', name: 'authorization', format: 'Bearer {key}' };

/** @throws ConfigError that names the option that cannot work. */
export function websocket(options: WebsocketOptions): Route {
  const { apiKey, messages, models, url, upstreamAuth = BEARER, keepalive, lastText } = options;
  const { subprotocol, closeCodes, headers, query, nativePaths = [] } = options;
  const listed = { model: checkList('websocket().models', models) ?? [] };
  const facts = {
    ...{ transport: 'ws' as const, nativePaths, usage: [{ on: 'wall-clock' as const }] },
    ...(keepalive ? { keepalive } : {}),
    ...(lastText === undefined ? {} : { lastText }),
  };
  const preset = definePreset({
    ...{ id: 'websocket', title: 'WebSocket', grade: 'own', choice: { otherwise: 'socket' } },
    endpoints: {
      socket: {
        url: checkUpstreamUrl('websocket().url', url),
        query: { ...query, listed: { ...listed, ...query?.listed } },
        ...(headers ? { headers } : {}),
        facts,
      },
    },
    upstreamAuth,
    clientCredential: options.clientCredential ?? [],
    ...(subprotocol ? { subprotocol } : {}),
    ...(closeCodes ? { closeCodes } : {}),
    dialect: options.dialect ?? 'plain',
    refusal: options.refusal ?? 'close',
    limits: {
      maxMessageBytes: options.maxMessageBytes ?? 16_777_216,
      handshakeMs: options.handshakeMs ?? 10_000,
    },
  });
  return createRoute(preset, { apiKey, messages }, 'websocket()');
}
