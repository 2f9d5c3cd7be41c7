/** Which close becomes which error. */
import { expect, test } from 'vitest';
import { closed, closedBy, closedLike, lost, notOpened, timedOut } from '../../test/support/closes.ts';
import { CLOSE_ROWS } from '../contract.ts';
import * as errors from '../errors.ts';
import { toCloseError } from './close-error.ts';
import type { SocketClose } from './socket-close.ts';

const table: [SocketClose, new (...args: never[]) => errors.VoxError, string, boolean][] = [
  [closedBy('AuthExpired'), errors.AuthError, 'auth_expired', false],
  [closedLike('AuthExpired'), errors.AuthError, `closed_${CLOSE_ROWS.AuthExpired.code}`, false],
  [closed(4401), errors.AuthError, 'closed_4401', false],
  [closedBy('OriginDenied'), errors.ForbiddenError, 'origin_denied', false],
  [closed(4403), errors.ForbiddenError, 'closed_4403', false],
  [closedBy('BadRequest'), errors.BadRequestError, 'bad_request', false],
  [closed(4404), errors.BadRequestError, 'closed_4404', false],
  [closedBy('RateLimited'), errors.RateLimitError, 'rate_limited', true],
  [closedBy('BudgetSpent'), errors.RateLimitError, 'budget_spent', true],
  [closed(4429), errors.RateLimitError, 'closed_4429', true],
  [closedBy('TooLarge'), errors.PayloadTooLargeError, 'too_large', false],
  [closedBy('ProtocolError'), errors.ProtocolError, 'protocol_error', false],
  [closedLike('BadPayload'), errors.ProtocolError, `closed_${CLOSE_ROWS.BadPayload.code}`, false],
  [closed(4408), errors.TimeoutError, 'closed_4408', false],
  [closedBy('UpstreamUnavailable'), errors.UpstreamError, 'upstream_unavailable', true],
  [closedBy('UpstreamTimeout'), errors.UpstreamError, 'upstream_timeout', true],
  [closedBy('Internal'), errors.ServerError, 'internal_error', true],
  [closedLike('Internal'), errors.ServerError, `closed_${CLOSE_ROWS.Internal.code}`, true],
  [closedBy('Draining'), errors.ServerError, 'draining', true],
  [closed(4500), errors.ServerError, 'closed_4500', false],
  [closedBy('Stalled'), errors.ConnectionError, 'stalled', true],
  [closed(1001), errors.ConnectionError, 'closed_1001', true],
  [lost, errors.ConnectionError, 'closed_1006', true],
  [notOpened, errors.ConnectionError, 'not_opened', true],
  [timedOut, errors.TimeoutError, 'connect_timeout', true],
];

test.each(table)('turns %j into its error', (close, type, code, retryable) => {
  const error = toCloseError(close);
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject({ name: type.name, code, retryable });
});

test('takes message, wait and session id from the error frame', () => {
  const frame = { code: 'rate_limited', message: 'Slow down.', retryAfterMs: 12_000, sessionId: 's-1' };
  expect(toCloseError(closedBy('RateLimited', '', { frame }))).toMatchObject({
    message: 'Slow down.',
    retryAfterMs: 12_000,
    sessionId: 's-1',
    status: CLOSE_ROWS.RateLimited.httpStatus,
    closeCode: CLOSE_ROWS.RateLimited.code,
  });
});

test('takes the wait from the reason where there is no frame', () => {
  expect(toCloseError(closedBy('RateLimited', ' retry_after=7'))).toMatchObject({ retryAfterMs: 7_000 });
});

test('keeps what the platform knows as the cause', () => {
  const cause = new Error('connect ECONNREFUSED');
  expect(toCloseError({ ...notOpened, cause }).cause).toBe(cause);
});

test('does not repeat the text of a foreign reason', () => {
  expect(toCloseError(closed(4403, 'secret=1')).message).not.toContain('secret');
});
