/** The judges of one session, made from its route's compiled policy; undefined for a direction that stays unopened. */
import type { Dialect } from '../../contract/index.ts';
import type { Judgement } from '../../relay/judge.ts';
import type { Confidential } from '../secret.ts';
import { ClientJudge, type Refusal } from './client-judge.ts';
import type { CompiledPolicy } from './compile.ts';
import { createKeyGuard } from './key-guard.ts';
import { UpstreamJudge } from './upstream-judge.ts';

/** A judge that never keeps a message waiting. */
export type PolicyJudge = (message: Buffer) => Judgement;

/** Lines that one session may leave in the log about messages: whoever sends bad ones may send many. */
const MOST_LINES = 20;

export interface Policing {
  readonly up: PolicyJudge | undefined;
  readonly down: PolicyJudge | undefined;
}

export interface PolicedSession {
  readonly id: string;
  readonly dialect: Dialect;
  /** The provider's key. */
  readonly secret: Confidential;
  /** The address that was dialled, with its query. */
  readonly url: string;
  onRefused(refusal: Refusal): void;
  onWithheld(why: string): void;
}

export function createPolicing(compiled: CompiledPolicy, session: PolicedSession): Policing {
  const { policy, echoes, secrets, judgesClient } = compiled;
  const guard = (policy.redactKeys ?? true) ? createKeyGuard([session.secret, ...secrets]) : undefined;
  const onWithheld = atMost((why: string) => session.onWithheld(why));
  const upstream = new UpstreamJudge({ compiled, guard, onWithheld });
  const query = policy.model && new URL(session.url).searchParams;
  const client = new ClientJudge({
    compiled,
    sessionId: session.id,
    dialect: session.dialect,
    session: {
      query: (name) => query?.get(name) ?? undefined,
      isAskedFor: (callId) => upstream.isAskedFor(callId),
    },
    onRefused: atMost((refusal: Refusal) => session.onRefused(refusal)),
  });
  return {
    up: judgesClient ? (message) => client.judge(message) : undefined,
    down: guard || echoes.isNeeded ? (message) => upstream.judge(message) : undefined,
  };
}

function atMost<Value>(report: (value: Value) => void): (value: Value) => void {
  let left = MOST_LINES;
  return (value) => {
    if (left === 0) return;
    left -= 1;
    report(value);
  };
}
