import type { IncomingMessage } from 'node:http';
import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readQuery, type CloseName } from '../contract/index.ts';
import { deepgram } from '../upstream/presets/deepgram.ts';
import type { Route } from '../upstream/route.ts';
import { holdSocket } from './held-socket.ts';
import type { Refuser, Told } from './told-refusal.ts';
import { createVisit, seeOff, turnAway, type Visit } from './visit.ts';

const known = deepgram({ apiKey: 'k'.repeat(40) });
const vendor: Route = { ...known, preset: { ...known.preset, refusal: 'http', closeCodes: {} } };
const plain: Route = { ...known, preset: { ...known.preset, refusal: 'close', dialect: 'plain' } };

interface Upgrade {
  readonly query?: string;
  readonly offer?: readonly string[];
  readonly authorization?: string;
}

function visitOf({ query = '', offer = [], authorization }: Upgrade, route: Route = vendor): Visit {
  const [socket] = duplexPair();
  const upgrade = {
    path: '/deepgram-proxy',
    query: readQuery(query),
    host: 'proxy.test',
    isEncrypted: false,
    origin: undefined,
    subprotocols: offer,
    key: 'the-key',
    header: (name: string) => (name === 'authorization' ? authorization : undefined),
  };
  return createVisit({
    route,
    request: {} as IncomingMessage,
    upgrade,
    held: holdSocket(socket, Buffer.alloc(0), 10),
  });
}

interface Spy extends Refuser {
  readonly told: Told[];
}

function spy(): Spy {
  const told: Told[] = [];
  return { told, refuse: (_, one) => told.push(one) };
}

function toldTo(upgrade: Upgrade, name: CloseName = 'AuthInvalid', route: Route = vendor): Told {
  const refuser = spy();
  turnAway(refuser, visitOf(upgrade, route), { name });
  expect(refuser.told).toHaveLength(1);
  return refuser.told[0] as Told;
}

describe('turnAway', () => {
  it.each([
    { title: '?token=', upgrade: { query: 'token=X' }, style: 'close' },
    { title: 'Authorization: Bearer', upgrade: { authorization: 'Bearer X' }, style: 'close' },
    { title: 'our subprotocol', upgrade: { offer: ['voxproxy.v1', 'voxproxy.token.X'] }, style: 'close' },
    { title: 'no credential at all', upgrade: {}, style: 'close' },
    { title: 'the vendor’s subprotocol', upgrade: { offer: ['token', 'X'] }, style: 'http' },
    { title: 'the vendor’s header', upgrade: { authorization: 'Token X' }, style: 'http' },
    { title: 'an offered subprotocol without credential', upgrade: { offer: ['realtime'] }, style: 'http' },
    {
      title: '?token= beside an offered subprotocol',
      upgrade: { query: 'token=X', offer: ['a'] },
      style: 'close',
    },
  ])('refuses by $style who came with $title', ({ upgrade, style }) => {
    expect(toldTo(upgrade).style).toBe(style);
    expect(toldTo(upgrade, 'UpstreamTimeout').style).toBe(style);
    expect(toldTo(upgrade, 'AuthInvalid', plain).style).toBe('close');
  });

  it('tells a vendor’s SDK over the socket what it has a quiet close for', () => {
    const upgrade = { offer: ['token', 'X'] };
    const quiet: CloseName[] = ['AuthInvalid', 'AuthExpired', 'RateLimited', 'PolicyViolation'];
    expect(quiet.map((name) => toldTo(upgrade, name, known).style)).toEqual(quiet.map(() => 'close'));
    expect(toldTo(upgrade, 'UpstreamTimeout', known).style).toBe('http');
  });

  it('refuses a foreign origin over HTTP, however it came', () => {
    for (const upgrade of [{}, { query: 'token=X' }, { offer: ['voxproxy.v1', 'voxproxy.token.X'] }]) {
      expect(toldTo(upgrade, 'OriginDenied', plain).style).toBe('http');
    }
  });

  it.each([
    { offer: ['token', 'X'], echo: 'token' },
    { offer: ['voxproxy.v1', 'voxproxy.token.X'], echo: 'voxproxy.v1' },
    { offer: ['voxproxy.token.X', 'other'], echo: 'other' },
    { offer: ['voxproxy.token.X'], echo: undefined },
    { offer: [], echo: undefined },
  ])('answers the offer $offer with $echo, whatever the refusal', ({ offer, echo }) => {
    for (const name of [
      'AuthInvalid',
      'AuthUnavailable',
      'Draining',
      'TooLarge',
      'Internal',
    ] as CloseName[]) {
      expect(toldTo({ offer }, name).echo).toBe(echo);
    }
  });

  it('speaks the route’s dialect, names the session, and says how long to wait', () => {
    const refuser = spy();
    const visit = visitOf({}, plain);
    turnAway(refuser, visit, { name: 'UpstreamUnavailable', retryAfterMs: 900 });
    expect(refuser.told).toMatchObject([
      {
        name: 'UpstreamUnavailable',
        dialect: 'plain',
        key: 'the-key',
        sessionId: visit.id,
        retryAfterMs: 900,
      },
    ]);
  });

  it('hands on no token, wherever it stood', () => {
    for (const upgrade of [
      { query: 'token=SECRET' },
      { authorization: 'Bearer SECRET' },
      { offer: ['token', 'SECRET'] },
      { offer: ['voxproxy.token.SECRET'] },
    ]) {
      expect(JSON.stringify(toldTo(upgrade))).not.toContain('SECRET');
    }
  });
});

describe('seeOff', () => {
  it('destroys the socket and holds it no longer', () => {
    const visit = visitOf({ query: 'token=SECRET' });
    seeOff(visit);
    expect(visit.held.socket.destroyed).toBe(true);
    expect(visit.held.socket.listenerCount('data')).toBe(0);
  });
});

const ID = 'a'.repeat(24);

describe('createVisit, of session mode,', () => {
  it.each([
    { query: '', session: undefined, left: [] },
    { query: 'token=X&model=a', session: undefined, left: ['token=X', 'model=a'] },
    { query: 'vp=1', session: {}, left: [] },
    { query: 'a=1&vp=1&b=2', session: {}, left: ['a=1', 'b=2'] },
    { query: `vp=1.${ID}.5&a=1`, session: { resume: { id: ID, received: 5 } }, left: ['a=1'] },
    { query: '%76p=1', session: {}, left: [] },
    { query: 'vp=%31', session: {}, left: [] },
    { query: 'vp=1&vp=1', session: {}, left: [] },
    {
      query: `vp=1.${ID}.5&vp=1`,
      session: { resume: { id: ID, received: 5 } },
      left: [],
    },
    { query: 'VP=1', session: undefined, left: ['VP=1'] },
    { query: 'xvp=1&vpx=1', session: undefined, left: ['xvp=1', 'vpx=1'] },
  ])('reads the query "$query" and leaves the provider $left', ({ query, session, left }) => {
    const visit = visitOf({ query });
    expect(visit.session).toEqual(session);
    expect(visit.upgrade.query.map(({ raw }) => raw)).toEqual(left);
  });

  it.each(['vp', 'vp=', 'vp=2', 'vp=1.short.5', `vp=1.${ID}`, `vp=1.${ID}.-1`])(
    'takes %s for a parameter that is not ours',
    (raw) => {
      const visit = visitOf({ query: `${raw}&a=1` });
      expect(visit.session).toBeUndefined();
      expect(visit.upgrade.query.map((pair) => pair.raw)).toEqual([raw, 'a=1']);
    },
  );

  it('finds the credential beside it', () => {
    expect(visitOf({ query: 'vp=1&token=X' }).credential).toMatchObject({ token: 'X' });
  });
});

describe('createVisit', () => {
  it('gives every visit an id that nobody can guess', () => {
    const ids = Array.from({ length: 50 }, () => visitOf({}).id);
    expect(new Set(ids).size).toBe(50);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});
