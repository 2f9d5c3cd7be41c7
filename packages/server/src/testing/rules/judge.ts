/**
 * Holds a request against the rules of a vendor: finds the service that it is for, the credential that it brings, and
 * everything that the vendor does not document. Names only what is wrong, never a value: it may be somebody's secret.
 */
import type { MockRequest } from '../mock-request.ts';
import { headerValues, type UpgradeRequest } from '../upgrade-request.ts';
import type { CallService, MockServiceRules, MockVendor, SocketService } from '../vendors/vendor.ts';
import type { CredentialSlot } from './credential-slots.ts';
import type { Credentials } from './credentials.ts';
import { type HeaderRules, headerViolations, requestViolations } from './header-rules.ts';
import { isNamed } from './name-pattern.ts';
import { queryViolations } from './query-rules.ts';

/** What a mock's owner has said beyond the vendor's rules. */
export interface JudgeOptions {
  readonly vendor: MockVendor;
  readonly credentials: Credentials;
  /** `host:port` of the mock. */
  readonly host: string;
  /** Slots to which requests are restricted. Empty for those that a service takes; without effect where it takes none of them. */
  readonly auth: readonly string[];
  /** Header names, in lower case, that are no violation. */
  readonly headers: readonly string[];
  /** Query keys that are no violation. */
  readonly queryKeys: ReadonlySet<string>;
}

export interface Verdict {
  readonly request: MockRequest;
  readonly service: MockServiceRules | undefined;
  readonly isRight: boolean;
  readonly problems: readonly string[];
  /** The subprotocol that is selected unless a scenario says otherwise. */
  readonly subprotocol: string | undefined;
}

type Kind = MockRequest['kind'];

/** The rules of a service under its name. */
type Found = readonly [name: string, rules: MockServiceRules];

export function judge(read: UpgradeRequest, kind: Kind, options: JudgeOptions): Verdict {
  const [name, service] = serviceFor(read, kind, options.vendor) ?? [];
  const slots = slotsOf(service, options);
  const filled = Object.entries(slots).filter(([, slot]) => slot.read(read) !== undefined);
  const [slotName, slot] = filled.length === 1 && filled[0] ? filled[0] : [undefined, undefined];
  const value = slot?.read(read);
  const request: MockRequest = { ...read, kind, service: name, slot: slotName, body: Buffer.alloc(0) };
  const { credentials } = options;
  const isRight = slot
    ? credentials.isRight(slot, value)
    : Object.values(slots).some((one) => credentials.isRight(one, undefined));
  const isIssued = value !== undefined && credentials.isIssued(value);
  const problems = [
    ...(service ? [] : [unknownService(read, kind, options.vendor)]),
    ...ruleProblems({ request, service, slots, slot, isIssued }, options),
    ...(isRight ? strayCredential(read, options) : wrongCredential(value, options)),
  ];
  return { request, service, isRight, problems, subprotocol: selected(read, service, slot) };
}

interface Case {
  readonly request: MockRequest;
  readonly service: MockServiceRules | undefined;
  readonly slots: Readonly<Record<string, CredentialSlot>>;
  readonly slot: CredentialSlot | undefined;
  readonly isIssued: boolean;
}

function ruleProblems(the: Case, { host, headers, queryKeys }: JudgeOptions): string[] {
  const { request, service, slot } = the;
  const places = slot ? [slot] : Object.values(the.slots);
  const named = places.flatMap(({ header }) => (header === undefined ? [] : [header]));
  const subprotocols = service?.kind === 'upgrade' && service.subprotocols ? ['sec-websocket-protocol'] : [];
  const rules: HeaderRules = {
    kind: request.kind,
    host,
    known: [...named, ...subprotocols, ...(service?.headers ?? []), ...headers],
    mayBeBrowser: the.isIssued,
  };
  const keys = places.flatMap(({ queryKey }) => (queryKey === undefined ? [] : [queryKey]));
  const special = service?.judge?.(request);
  return [
    ...requestViolations(request, rules),
    ...headerViolations(request, rules),
    ...queryViolations(request.query, service?.query ?? {}, new Set([...queryKeys, ...keys])),
    ...credentialProblems(the),
    ...subprotocolProblems(the),
    ...(service?.kind === 'call' ? contentProblems(request, service) : []),
    ...(special === undefined ? [] : [special]),
  ];
}

function serviceFor({ path, method }: UpgradeRequest, kind: Kind, vendor: MockVendor): Found | undefined {
  return Object.entries(vendor.services).find(
    ([, rules]) =>
      rules.kind === kind && rules.path === path && (rules.kind === 'upgrade' || rules.method === method),
  );
}

function unknownService({ path }: UpgradeRequest, kind: Kind, vendor: MockVendor): string {
  const samePath = Object.values(vendor.services).filter((rules) => rules.path === path);
  if (samePath.length === 0) return 'an unknown path';
  const same = samePath.find((rules) => rules.kind === kind);
  return same?.kind === 'call' ? `the method is not ${same.method}` : `the path takes no ${kind}`;
}

/** The slots in which a credential may stand; for an unknown service all of the vendor's. */
function slotsOf(service: MockServiceRules | undefined, options: JudgeOptions): Case['slots'] {
  const { vendor, auth } = options;
  if (!service) return vendor.slots;
  const asked = [...service.slots, ...(service.slotsOnRequest ?? [])].filter((name) => auth.includes(name));
  const names = asked.length > 0 ? asked : service.slots;
  return Object.fromEntries(Object.entries(vendor.slots).filter(([name]) => names.includes(name)));
}

function credentialProblems({ slots, slot, request }: Case): string[] {
  if (slot) return [];
  const all = Object.values(slots);
  if (all.some(({ takes }) => takes.length === 0)) return [];
  const filled = all.filter((one) => one.read(request) !== undefined);
  const choice = all.map(({ says }) => says).join(', or ');
  return [filled.length > 1 ? `${filled.length} credentials` : `there is not exactly ${choice}`];
}

function subprotocolProblems({ service, slot, request }: Case): string[] {
  if (service?.kind !== 'upgrade') return [];
  const value = slot?.read(request);
  const isKnown = (offered: string): boolean =>
    isNamed(offered, [...(service.subprotocols ?? []), ...(slot?.companions ?? [])]) ||
    (value !== undefined && slot?.header === 'sec-websocket-protocol' && offered.endsWith(value));
  const isPair = slot === undefined && !service.subprotocols;
  // Without a slot the offer as a whole has been called wrong already.
  return isPair || request.subprotocols.every(isKnown) ? [] : ['an unexpected subprotocol'];
}

function contentProblems({ headers }: MockRequest, { contentType }: CallService): string[] {
  const values = headerValues(headers, 'content-type');
  if (!contentType) return values.length === 0 ? [] : ['a content type, where the service takes no body'];
  const isRight = values.length === 1 && contentType.test(values[0] ?? '');
  return isRight ? [] : ['the content type is not one that the service takes'];
}

/** A wrong key is the operator's mistake and answered with 401; a user's token in its place is the proxy's. */
function wrongCredential(value: string | undefined, { credentials }: JudgeOptions): string[] {
  const foreign = value === undefined ? undefined : credentials.foreignIn(value);
  return foreign === undefined ? [] : [`${foreign} in place of the secret`];
}

function strayCredential({ line, headers, query }: UpgradeRequest, { credentials }: JudgeOptions): string[] {
  const texts = [line, ...headers.map(([, value]) => value), ...query.map(([, value]) => value)];
  const foreign = texts.map((text) => credentials.foreignIn(text)).find((found) => found !== undefined);
  return foreign === undefined ? [] : [`${foreign} in the request`];
}

function selected(
  { subprotocols }: UpgradeRequest,
  service: MockServiceRules | undefined,
  slot: CredentialSlot | undefined,
): string | undefined {
  const known = [
    ...((service as SocketService | undefined)?.subprotocols ?? []),
    ...(slot?.companions ?? []),
  ];
  return subprotocols.find((offered) => isNamed(offered, known));
}
