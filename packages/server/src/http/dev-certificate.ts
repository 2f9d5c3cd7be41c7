/** A self-signed certificate for development, made anew at each start: some SDKs insist on `wss:`. It proves nothing to anybody. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

const DAY_MS = 86_400_000;
/** Browsers refuse certificates that live longer than some 400 days. */
const LIFE_MS = 30 * DAY_MS;

/** Tags of DER (ITU-T X.690 8). */
const TAG = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
  dnsName: 0x82,
  ipAddress: 0x87,
} as const;

const OID = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  subjectAltName: [0x55, 0x1d, 0x11],
  extendedKeyUsage: [0x55, 0x1d, 0x25],
  serverAuth: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
} as const;

/** PEM texts. `names` are host names and IPv4 addresses; the first is the subject. */
export function createDevCertificate(nowMs: number, names: readonly string[]): { cert: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const subject = sequence(
    der(TAG.set, sequence(oid(OID.commonName), der(TAG.utf8, Buffer.from(names[0] ?? 'localhost')))),
  );
  // RFC 5280 4.1.
  const unsigned = sequence(
    der(TAG.version, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    subject,
    // A day back, for clocks that are late.
    sequence(time(nowMs - DAY_MS), time(nowMs + LIFE_MS)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(TAG.extensions, sequence(...extensionsFor(names))),
  );
  const signature = sign('sha256', unsigned, privateKey);
  const whole = sequence(unsigned, algorithm, der(TAG.bits, Buffer.concat([Buffer.from([0]), signature])));
  return { cert: toPem(whole), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function extensionsFor(names: readonly string[]): Buffer[] {
  const alternatives = names.map((name) =>
    isIPv4(name)
      ? der(TAG.ipAddress, Buffer.from(name.split('.').map(Number)))
      : der(TAG.dnsName, Buffer.from(name)),
  );
  const extension = (id: readonly number[], value: Buffer): Buffer =>
    sequence(oid(id), der(TAG.octets, value));
  return [
    extension(OID.subjectAltName, sequence(...alternatives)),
    extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth))),
  ];
}

/** Tag, length, content (X.690 8.1). */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(TAG.sequence, Buffer.concat(parts));
}

function oid(bytes: readonly number[]): Buffer {
  return der(TAG.oid, Buffer.from(bytes));
}

/** GeneralizedTime, such as 20261125184500Z. */
function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(TAG.time, Buffer.from(text));
}

function toPem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
