/** The only import of the contract that client and server share; the build inlines it, and only what is named here. */
export {
  ABNORMAL_CLOSURE,
  CLOSE_ROWS,
  NORMAL_CLOSURE,
  NO_STATUS,
  SUBPROTOCOL,
  TOKEN_QUERY,
  TOKEN_SUBPROTOCOL_PREFIX,
  closeRowOf,
  foreignRetryOf,
  isSubprotocol,
  readCloseReason,
  readErrorFrame,
} from '@voxproxy/server/contract';
export type { CloseRow, ErrorFrame, RetryClass } from '@voxproxy/server/contract';
