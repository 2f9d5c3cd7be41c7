import { describe, expect, it } from 'vitest';
import { TlsSessions } from './tls-sessions.ts';

const session = Buffer.from('session');
const later = Buffer.from('later session');

describe('the TLS sessions', () => {
  it('are the last one of each server', () => {
    const sessions = new TlsSessions();
    sessions.remember('a 443', session);
    sessions.remember('b 443', session);
    sessions.remember('a 443', later);
    expect([sessions.get('a 443'), sessions.get('b 443'), sessions.get('a 444')]).toEqual([
      later,
      session,
      undefined,
    ]);
  });

  it('are forgotten when told so', () => {
    const sessions = new TlsSessions();
    sessions.remember('a 443', session);
    sessions.forget('a 443');
    expect(sessions.get('a 443')).toBeUndefined();
  });

  it('stay within their number by forgetting the server longest without a new one', () => {
    const sessions = new TlsSessions(2);
    for (const server of ['a', 'b', 'a', 'c']) sessions.remember(server, session);
    expect(['a', 'b', 'c'].map((server) => sessions.get(server) !== undefined)).toEqual([true, false, true]);
  });
});
