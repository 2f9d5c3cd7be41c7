/** A request as a mock keeps it: as it stood on the wire, with what the mock made of it. */
import type { UpgradeRequest } from './upgrade-request.ts';

export interface MockRequest extends UpgradeRequest {
  /** `upgrade` asks for a WebSocket, `call` is any other HTTP request. */
  readonly kind: 'upgrade' | 'call';
  /** The service of the vendor that it was for; undefined for a path or a method that the vendor does not have. */
  readonly service: string | undefined;
  /** The slot in which the credential stood, such as `api-key` or `bearer`; undefined when there was not exactly one. */
  readonly slot: string | undefined;
  /** The body of a call as far as it has come and within the bound of its service; empty for an upgrade. */
  readonly body: Buffer;
}
