/** The judges of one session, made from its route's compiled policy; undefined for a direction that stays unopened. */
import type { Dialect } from '../../contract/index.ts';
import type { Judgement } from '../../relay/judge.ts';
import type { Confidential } from '../secret.ts';
import { ClientJudge, type Refusal } from './client-judge.ts';
import type { CompiledPolicy } from './compile.ts';
import { createKeyGuard } from './key-guard.ts';
import { Opening } from './opening.ts';
import { UpstreamJudge } from './upstream-judge.ts';

/** A judge that never keeps a message waiting. */
export type PolicyJudge = (message: Buffer) => Judgement;

/** Lines that one session may leave in the log about messages: whoever sends bad ones may send many. */
const MOST_LINES = 20;

export interface Policing {
  /** To be told when what `up` lets pass is sent. What follows an opening message waits for the provider's answer before it is judged. */
  readonly opening: Opening;
  /** Whether the client may send texts only. */
  readonly onlyText: boolean;
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
  const opening = new Opening(compiled.opening);
  const upstream = new UpstreamJudge({ compiled, guard, opening, onWithheld });
  const query = policy.model && new URL(session.url).searchParams;
  const client = new ClientJudge({
    ...{ compiled, opening },
    sessionId: session.id,
    dialect: session.dialect,
    session: {
      query: (name) => query?.get(name) ?? undefined,
      isAskedFor: (callId) => upstream.isAskedFor(callId),
    },
    onRefused: atMost((refusal: Refusal) => session.onRefused(refusal)),
  });
  return {
    opening,
    onlyText: policy.onlyText === true,
    up: judgesClient ? (message) => client.judge(message) : undefined,
    down: guard || echoes.isNeeded || compiled.opening ? (message) => upstream.judge(message) : undefined,
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
