/** Close codes for the SDKs of vendors whose storms of new tries depend on them; everybody else gets the contract's. */
import { CLOSE_ROWS, NORMAL_CLOSURE, type CloseName } from '../contract/index.ts';
import type { CloseCodes } from '../upstream/preset.ts';

/** The number for a close row where the vendor's SDKs need another than the contract's. */
export function vendorCodeOf(codes: CloseCodes | undefined, name: CloseName): number | undefined {
  const { retry, code } = CLOSE_ROWS[name];
  if (!codes || code === NORMAL_CLOSURE) return undefined;
  if (retry === 'new-credential' || name === 'OriginDenied') return codes.authFailed;
  if (retry === 'after-wait') return codes.quota;
  return retry === 'never' ? codes.final : undefined;
}
