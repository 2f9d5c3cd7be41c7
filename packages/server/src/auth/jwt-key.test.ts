import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { toJwtKey, type JwtKeyOptions } from './jwt-key.ts';

const secret = 'x'.repeat(32);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed25519 = generateKeyPairSync('ed25519');
const spki = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const pkcs8 = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const encrypted = rsa.privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' })
  .toString();

/** Options as JavaScript lets them through. */
const options = (more: object): JwtKeyOptions => ({ algorithms: ['HS256'], ...more }) as JwtKeyOptions;

describe('toJwtKey', () => {
  it.each([
    { title: 'a secret of 32 bytes', more: { secret } },
    { title: 'a secret of 32 bytes in 11 characters', more: { secret: `${'€'.repeat(10)}é` } },
    { title: 'a weak secret, when told', more: { secret: 'weak', allowWeakSecret: true } },
    { title: 'an RSA key', more: { publicKey: spki(rsa.publicKey), algorithms: ['RS256'] } },
    {
      title: 'an RSA key for two algorithms',
      more: { publicKey: spki(rsa.publicKey), algorithms: ['RS256', 'PS256'] },
    },
    { title: 'a P-256 key', more: { publicKey: spki(p256.publicKey), algorithms: ['ES256'] } },
    { title: 'an Ed25519 key', more: { publicKey: spki(ed25519.publicKey), algorithms: ['EdDSA'] } },
  ])('takes $title', ({ more }) => {
    expect(['secret', 'public']).toContain(toJwtKey(options(more)).type);
  });

  it.each([
    { title: 'no algorithms', more: { secret, algorithms: undefined }, at: 'jwt().algorithms: is missing' },
    { title: 'an empty list', more: { secret, algorithms: [] }, at: 'jwt().algorithms: is missing' },
    { title: 'a text as list', more: { secret, algorithms: 'HS256' }, at: 'jwt().algorithms: is missing' },
    { title: 'none', more: { secret, algorithms: ['none'] }, at: 'jwt().algorithms: has "none"' },
    {
      title: 'none beside another',
      more: { secret, algorithms: ['HS256', 'none'] },
      at: 'jwt().algorithms: has "none"',
    },
    { title: 'lower case', more: { secret, algorithms: ['hs256'] }, at: 'jwt().algorithms: has "hs256"' },
    {
      title: 'a hole in the list',
      more: { secret, algorithms: ['HS256', undefined] },
      at: 'jwt().algorithms: ',
    },
    { title: 'a number', more: { secret, algorithms: [256] }, at: 'jwt().algorithms: has 256' },
    { title: 'both kinds', more: { secret, algorithms: ['HS256', 'RS256'] }, at: 'jwt().algorithms: mixes' },
    {
      title: 'both kinds, the other first',
      more: { secret, algorithms: ['RS256', 'HS256'] },
      at: 'jwt().algorithms: mixes',
    },
    { title: 'both keys', more: { secret, publicKey: spki(rsa.publicKey) }, at: 'jwt(): has both' },
    { title: 'no secret', more: {}, at: 'jwt().secret: is missing' },
    { title: 'an empty secret', more: { secret: '' }, at: 'jwt().secret: is missing' },
    { title: 'a secret that is no text', more: { secret: 5 }, at: 'jwt().secret: ' },
    { title: 'a secret of 8 bytes', more: { secret: 'changeme' }, at: 'jwt().secret: has 8 bytes' },
    { title: 'a secret of 31 bytes', more: { secret: 'x'.repeat(31) }, at: 'jwt().secret: has 31 bytes' },
    { title: 'a public key as secret', more: { secret: spki(rsa.publicKey) }, at: 'jwt().secret: is a PEM' },
    {
      title: 'a private key as secret',
      more: { secret: pkcs8(rsa.privateKey) },
      at: 'jwt().secret: is a PEM',
    },
    {
      title: 'a PEM text as weak secret',
      more: { secret: spki(ed25519.publicKey), allowWeakSecret: true },
      at: 'jwt().secret: is a PEM',
    },
    {
      title: 'a certificate’s opening on one line',
      more: { secret: '-----BEGIN CERTIFICATE-----\\nMII' },
      at: 'jwt().secret: is a PEM',
    },
    { title: 'no public key', more: { algorithms: ['RS256'] }, at: 'jwt().publicKey: is missing' },
    {
      title: 'a secret for RS256',
      more: { secret, algorithms: ['RS256'] },
      at: 'jwt().publicKey: is missing',
    },
    {
      title: 'a private key',
      more: { publicKey: pkcs8(rsa.privateKey), algorithms: ['RS256'] },
      at: 'jwt().publicKey: is not',
    },
    {
      title: 'an encrypted private key',
      more: { publicKey: encrypted, algorithms: ['RS256'] },
      at: 'jwt().publicKey: is not',
    },
    {
      title: 'no PEM',
      more: { publicKey: 'ssh-rsa AAAA', algorithms: ['RS256'] },
      at: 'jwt().publicKey: is not',
    },
    {
      title: 'an RSA key of 1024 bits',
      more: { publicKey: spki(small.publicKey), algorithms: ['RS256'] },
      at: 'jwt().publicKey: ',
    },
    {
      title: 'an elliptic key for RS256',
      more: { publicKey: spki(p256.publicKey), algorithms: ['RS256'] },
      at: 'jwt().publicKey: ',
    },
    {
      title: 'a P-256 key for ES384',
      more: { publicKey: spki(p256.publicKey), algorithms: ['ES384'] },
      at: 'jwt().publicKey: ',
    },
    {
      title: 'an Ed25519 key for ES256',
      more: { publicKey: spki(ed25519.publicKey), algorithms: ['ES256'] },
      at: 'jwt().publicKey: ',
    },
    {
      title: 'an RSA key for one of two',
      more: { publicKey: spki(rsa.publicKey), algorithms: ['RS256', 'ES256'] },
      at: 'jwt().publicKey: ',
    },
  ])('refuses $title', ({ more, at }) => {
    expect(() => toJwtKey(options(more))).toThrow(ConfigError);
    expect(() => toJwtKey(options(more))).toThrow(at);
  });

  it('repeats no part of a key in its errors', () => {
    const wrong = [
      { secret: 'short-secret' },
      { secret: pkcs8(rsa.privateKey) },
      { publicKey: 'short-secret', algorithms: ['RS256'] },
      { secret: 'short-secret', publicKey: spki(rsa.publicKey) },
    ];
    for (const more of wrong) {
      const told = expect(() => toJwtKey(options(more)));
      told.toThrow(/^(?!.*(short-secret|PRIVATE|MII))/s);
    }
  });
});
