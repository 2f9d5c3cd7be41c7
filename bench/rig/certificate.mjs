/** A certificate for localhost, made for one run of the benchmark. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from './find-tool.mjs';

const DAYS = '2';
const NAMES = 'subjectAltName=DNS:localhost,IP:127.0.0.1';

/** @returns {{ key: string, cert: string, file: string } | undefined} undefined where there is no openssl */
export function makeCertificate(folder) {
  const openssl = findTool('openssl');
  if (!openssl) return undefined;
  const keyFile = join(folder, 'key.pem');
  const file = join(folder, 'certificate.pem');
  const kind = [
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    DAYS,
  ];
  const args = ['req', ...kind, '-subj', '/CN=localhost', '-addext', NAMES, '-keyout', keyFile, '-out', file];
  execFileSync(openssl, args, { stdio: 'ignore', timeout: 20_000 });
  return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(file, 'utf8'), file };
}
