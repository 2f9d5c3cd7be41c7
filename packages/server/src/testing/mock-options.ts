/** What a mock upstream is started with, and what its defaults are. */
import type { ScenarioChoice } from './scenarios/index.ts';
import { type VendorName, VENDORS } from './vendors/index.ts';

export interface MockUpstreamOptions<Vendor extends VendorName = VendorName> {
  /** Whose dialect the mock speaks. */
  readonly vendor: Vendor;
  /**
   * The key that the mock asks for; any other is answered with HTTP 401 and the vendor's error body. Must be a legal
   * subprotocol (RFC 6455 4.1) and at least eight characters long. Never use a real key.
   */
  readonly secret: string;
  /** What every session and every call does until `setScenario()` says otherwise. Default `happyTurn`. */
  readonly scenario?: ScenarioChoice;
  /** Speaks TLS with this key and certificate, both PEM. Default plain TCP. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /**
   * In which of the vendor's slots the credential must stand. Default any that a service takes; over WebSockets Deepgram
   * takes the subprotocols. Without effect on services that take none of them.
   */
  readonly auth?: string | readonly string[];
  /** A user's own token, such as one of Entra, for vendors that take one as `Authorization: Bearer`. Default none. */
  readonly bearer?: string;
  /**
   * Tokens of your users. Wherever one arrives, plain, percent-encoded or in base64, is a violation; JSON Web Tokens are
   * one in any case. Default none.
   */
  readonly userTokens?: readonly string[];
  /** What is not a violation although the vendor does not document it. Default nothing. */
  readonly allow?: {
    /** Header names, in any case; one that ends in `*` stands for all that begin so. */
    readonly headers?: readonly string[];
    /** Query keys. */
    readonly queryKeys?: readonly string[];
    /** True takes any frames. Default false: such as the vendor documents. */
    readonly anyFirstFrame?: boolean;
  };
  /**
   * What follows a violation. `refuse` (default) answers a bad request with HTTP 400 and a bad frame with the vendor's
   * error and a close, so that the test fails even without `expectNoViolations()`; `record` goes on.
   */
  readonly onViolation?: 'refuse' | 'record';
}

/** Where the secret must stand: as the pair `token`, secret in the subprotocols, or as `Authorization: Token secret`. */
export type MockAuth = 'subprotocol' | 'header';

export interface MockDeepgramOptions extends Omit<MockUpstreamOptions<'deepgram'>, 'vendor'> {
  /** Where the secret must stand. Default `subprotocol`. */
  readonly auth?: MockAuth;
}

const SHORTEST_SECRET = 8;

/** Throws a TypeError for a vendor or a slot that does not exist, and for a secret that could not be offered or not be searched for. */
export function checkOptions(options: MockUpstreamOptions, isLegal: (text: string) => boolean): void {
  const { vendor, secret, auth = [] } = options;
  if (!Object.hasOwn(VENDORS, vendor)) throw new TypeError(`vendor: there is no mock of ${vendor}`);
  if (secret.length < SHORTEST_SECRET)
    throw new TypeError(`secret: shorter than ${SHORTEST_SECRET} characters`);
  if (!isLegal(secret)) throw new TypeError('secret: holds characters that no subprotocol may hold');
  const unknown = [auth].flat().find((name) => !Object.hasOwn(VENDORS[vendor].slots, name));
  if (unknown !== undefined) throw new TypeError(`auth: ${vendor} has no slot ${unknown}`);
}
