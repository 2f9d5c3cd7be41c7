import type { IncomingMessage } from 'node:http';
import { duplexPair } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { readQuery } from '../contract/index.ts';
import type { SessionLog } from '../observability/session-log.ts';
import { ReplayPool } from '../relay/replay-buffer.ts';
import { deepgram } from '../upstream/presets/deepgram.ts';
import type { Route } from '../upstream/route.ts';
import { createTestClock } from '../../test/support/test-clock.ts';
import type { Admitted } from './admit.ts';
import { holdSocket } from './held-socket.ts';
import { ResumeTable, type Returnable } from './resume-table.ts';
import { findReturning, ownerOf, toResumablePlan, type ResumeParts } from './returning.ts';
import { createVisit, type Visit } from './visit.ts';

const alice = { principal: 'alice', path: '/proxy' };
const route = deepgram({ apiKey: 'k'.repeat(40) });

let parts: ResumeParts;
/** The ids and counts of clients that a session refused. */
let refused: unknown[];

beforeEach(() => {
  refused = [];
  parts = {
    limits: { holdMs: 1_000, windowBytes: 100 },
    table: new ResumeTable(createTestClock()),
    pool: new ReplayPool(1_000),
  };
});

const admittedAs = (principal: string, service = 'agent'): Admitted => ({
  principal: { id: principal },
  target: { service, url: 'wss://up.test' },
});

function visitOf(query: string, from: Route = route): Visit {
  const [socket] = duplexPair();
  const upgrade = {
    path: '/proxy',
    query: readQuery(query),
    host: 'proxy.test',
    isEncrypted: false,
    origin: undefined,
    subprotocols: [],
    key: 'the-key',
    header: () => undefined,
  };
  const held = holdSocket(socket, Buffer.alloc(0), 10);
  return createVisit({ route: from, request: {} as IncomingMessage, upgrade, held });
}

/** A session in the table that a client may come back to with this many messages. */
function keep(canReturn: (received: number) => boolean): { id: string; session: Returnable } {
  const session: Returnable = {
    owner: alice,
    canReturn,
    comeBack: () => undefined,
    refuse(...asked) {
      refused.push(asked);
      return { cause: 'lost', received: 3, sent: 8 };
    },
    retireOldIds: () => undefined,
  };
  return { id: parts.table.issue(session), session };
}

describe('findReturning', () => {
  it.each(['', 'token=X', 'vp=1', 'vp=2'])(
    'finds nothing for a client that asks for nothing (%s)',
    (query) => {
      keep(() => true);
      expect(findReturning(parts, visitOf(query), alice)).toBeUndefined();
    },
  );

  it('finds the session that can go on, with the messages that the client has', () => {
    const { id, session } = keep((received) => received === 5);
    expect(findReturning(parts, visitOf(`vp=1.${id}.5`), alice)).toEqual({ session, received: 5 });
    expect(refused).toEqual([]);
  });

  it('says what the session says when it cannot go on', () => {
    const { id } = keep(() => false);
    expect(findReturning(parts, visitOf(`vp=1.${id}.5`), alice)).toEqual({
      reset: { cause: 'lost', received: 3, sent: 8 },
    });
    expect(refused).toEqual([[id, 5]]);
  });

  it.each([
    { principal: 'bob', path: '/proxy' },
    { principal: 'alice', path: '/other' },
  ])(
    'knows no session of somebody else or of another path, and leaves it alone ($principal $path)',
    (owner) => {
      const { id } = keep(() => false);
      const found = findReturning(parts, visitOf(`vp=1.${id}.5`), owner);
      expect(found).toEqual({ reset: { cause: 'unknown' } });
      expect(refused).toEqual([]);
    },
  );

  it('knows no session of an id that nobody has issued', () => {
    const found = findReturning(parts, visitOf(`vp=1.${'x'.repeat(24)}.5`), alice);
    expect(found).toEqual({ reset: { cause: 'unknown' } });
  });
});

describe('ownerOf', () => {
  it('is the user and the path, whatever the query', () => {
    expect(ownerOf(visitOf('vp=1&token=X'), admittedAs('alice'))).toEqual(alice);
  });
});

describe('toResumablePlan', () => {
  const logged: string[] = [];
  const log = {
    held: (id: string) => logged.push(`held ${id}`),
    resumed: (id: string) => logged.push(`resumed ${id}`),
  } as unknown as SessionLog;

  it('hands on what the session needs, and tells the log by the session’s id', () => {
    const visit = visitOf('vp=1');
    const reset = { cause: 'unknown' } as const;
    const plan = toResumablePlan({ ...parts, log, reset }, visit, admittedAs('alice'));
    expect(plan).toMatchObject({ owner: alice, limits: parts.limits, reset });
    expect([plan.table, plan.pool]).toEqual([parts.table, parts.pool]);
    plan.onHeld();
    plan.onResumed();
    expect(logged.splice(0)).toEqual([`held ${visit.id}`, `resumed ${visit.id}`]);
  });

  it.each(['agent', 'listen'])('keeps the provider’s %s awake as the provider says', (service) => {
    const plan = toResumablePlan(
      { ...parts, log, reset: undefined },
      visitOf('vp=1'),
      admittedAs('alice', service),
    );
    expect(plan.keepalive).toMatchObject(route.preset.endpoints[service]?.facts.keepalive ?? {});
    expect(plan.keepalive?.everyMs).toBeGreaterThan(0);
  });

  it('keeps nothing awake where the provider says nothing of it', () => {
    const plan = toResumablePlan(
      { ...parts, log, reset: undefined },
      visitOf('vp=1'),
      admittedAs('alice', 'no such service'),
    );
    expect(plan.keepalive).toBeUndefined();
  });
});
