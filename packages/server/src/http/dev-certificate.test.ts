import { X509Certificate, createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createDevCertificate } from './dev-certificate.ts';

const nowMs = Date.UTC(2026, 10, 25, 18, 45);
const pair = createDevCertificate(nowMs, ['localhost', '127.0.0.1', 'box.local']);
const certificate = new X509Certificate(pair.cert);

describe('createDevCertificate()', () => {
  it('makes a certificate that signs itself with its key', () => {
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(pair.key))).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
  });

  it('names this machine, and nothing else', () => {
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkHost('box.local')).toBe('box.local');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('example.com')).toBeUndefined();
  });

  it('is good from yesterday on, for a month', () => {
    expect(Date.parse(certificate.validFrom)).toBe(nowMs - 86_400_000);
    expect(Date.parse(certificate.validTo)).toBe(nowMs + 30 * 86_400_000);
  });

  it('is another one at each start', () => {
    const other = new X509Certificate(createDevCertificate(nowMs, ['localhost']).cert);
    expect(other.serialNumber).not.toBe(certificate.serialNumber);
    expect(other.fingerprint256).not.toBe(certificate.fingerprint256);
  });
});
