/** Starts a mock of any vendor. */
import { isSubprotocol } from '../contract/index.ts';
import { checkOptions, type MockUpstreamOptions } from './mock-options.ts';
import { MockServer } from './mock-server.ts';
import type { MockOf } from './mock-upstream.ts';
import type { VendorName } from './vendors/index.ts';

/**
 * Listens on a free loopback port. Rejects with a TypeError for a vendor, a secret, a slot or a scenario that does not
 * exist or cannot work.
 */
export async function startMockUpstream<Vendor extends VendorName>(
  options: MockUpstreamOptions<Vendor>,
): Promise<MockOf<Vendor>> {
  checkOptions(options, isSubprotocol);
  const mock = new MockServer(options);
  await mock.listen();
  return mock;
}
