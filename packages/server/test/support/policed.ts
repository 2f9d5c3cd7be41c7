/** A policy at work on single messages, without sockets. */
import { Secret } from '../../src/upstream/secret.ts';
import { checkPolicy } from '../../src/upstream/policy/check-policy.ts';
import type { Refusal } from '../../src/upstream/policy/client-judge.ts';
import { compilePolicy } from '../../src/upstream/policy/compile.ts';
import { createPolicing } from '../../src/upstream/policy/policing.ts';
import type { MessagePolicy } from '../../src/upstream/policy/policy.ts';
import type { Judgement } from '../../src/relay/judge.ts';

export const PROVIDER_KEY = 'provider-key-0123456789';

export interface Policed {
  readonly refusals: Refusal[];
  readonly withheld: string[];
  /** Judges a message of the client, or of the provider; a text as it is, anything else as JSON. */
  up(message: unknown): Judgement;
  down(message: unknown): Judgement;
  /** What is forwarded, parsed; undefined when nothing is. */
  sent(message: unknown): unknown;
  shown(message: unknown): unknown;
}

export function police(
  policy: MessagePolicy,
  url = 'wss://provider.test/?model=the-model&deployment=a',
): Policed {
  const refusals: Refusal[] = [];
  const withheld: string[] = [];
  const { opening, up, down } = createPolicing(compilePolicy(checkPolicy('policy', policy)), {
    id: 'session-id',
    dialect: 'plain',
    secret: new Secret(PROVIDER_KEY),
    url,
    onRefused: (refusal) => refusals.push(refusal),
    onWithheld: (why) => withheld.push(why),
  });
  const judge = (by: typeof up, message: unknown): Judgement => {
    const text = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
    return by ? by(text) : { forward: text };
  };
  const judgeUp = (message: unknown): Judgement => {
    const judgement = judge(up, message);
    if ('forward' in judgement) opening.sent();
    return judgement;
  };
  return {
    refusals,
    withheld,
    up: judgeUp,
    down: (message) => judge(down, message),
    sent: (message) => parsed(judgeUp(message)),
    shown: (message) => parsed(judge(down, message)),
  };
}

function parsed(judgement: Judgement): unknown {
  return 'forward' in judgement ? JSON.parse(judgement.forward.toString()) : undefined;
}
