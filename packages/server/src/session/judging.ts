/**
 * From a route's policy and message rules to what the relay asks for: what may hold a credential is rid of it; then the policy, at
 * once; then hooks, with a time limit; and the kinds that may not pass. What follows an opening message waits for the provider's answer.
 */
import type { Strip } from '../auth/message-credential.ts';
import type { Clock } from '../clock.ts';
import type { Ending } from './ending.ts';
import { ProxyError } from '../errors.ts';
import type { DirectionRules, Judge, Judgement } from '../relay/judge.ts';
import { DEFAULT_HOOK_BYTES, type MessageHook, type MessageRules } from '../upstream/message-hook.ts';
import type { Opening } from '../upstream/policy/opening.ts';
import type { Policing, PolicyJudge } from '../upstream/policy/policing.ts';

/** The rules of one session, and the way to let go of hooks that have not answered when it is over. */
export interface Judging {
  readonly up: DirectionRules;
  readonly down: DirectionRules;
  stop(): void;
}

/** What a policy adds to a route's message rules. */
export interface Policed extends Partial<Policing> {
  /** Told of what the client sends, and of what it is given in the end. */
  readonly ending?: Ending | undefined;
  /** Longest text that is opened where the rules do not say it, in bytes. */
  readonly maxBytes: number;
}

const OTHER_KIND = { text: 'binary', binary: 'text' } as const;
const UNPOLICED: Policed = { maxBytes: DEFAULT_HOOK_BYTES };

export function createJudging(
  clock: Clock,
  hookMs: number,
  rules: MessageRules,
  policed: Policed = UNPOLICED,
): Judging {
  const hooks = new HookTimes(clock, hookMs);
  const toJudge =
    (hook: MessageHook): Judge =>
    (message) => {
      const judgement = hook(message.toString());
      return isPromise(judgement) ? hooks.inTime(judgement) : judgement;
    };
  const { onlyFromClient, maxBytes: maxOpenedBytes = policed.maxBytes } = rules;
  const [upHook, downHook] = [rules.up && toJudge(rules.up), rules.down && toJudge(rules.down)];
  const only = onlyFromClient ?? (policed.onlyText === true ? 'text' : undefined);
  return {
    up: {
      // Where no text may come there is none to judge.
      judge:
        onlyFromClient === 'binary'
          ? undefined
          : afterAnswer(hooks, policed.opening, inOrder(policed.up, upHook)),
      maxOpenedBytes,
      refuses: only && OTHER_KIND[only],
    },
    down: { judge: withLast(policed.ending, inOrder(policed.down, downHook)), maxOpenedBytes },
    stop: () => hooks.stop(),
  };
}

/** The time limits of hooks that have not answered yet. */
class HookTimes {
  readonly #clock: Clock;
  readonly #hookMs: number;
  readonly #cancels = new Set<() => void>();

  constructor(clock: Clock, hookMs: number) {
    this.#clock = clock;
    this.#hookMs = hookMs;
  }

  /** Rejects when the answer takes too long. */
  inTime<T>(pending: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(this.#hookMs, () =>
        reject(new ProxyError('Internal', 'a message hook took too long')),
      );
      this.#cancels.add(cancel);
      const settle = (): void => {
        this.#cancels.delete(cancel);
        cancel();
      };
      Promise.resolve(pending).then(resolve, reject).finally(settle);
    });
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}

/** The hook sees what the policy lets pass, as the policy has written it. */
function inOrder(policy: PolicyJudge | undefined, hook: Judge | undefined): Judge | undefined {
  if (!policy || !hook) return policy ?? hook;
  return (message) => {
    const judgement = policy(message);
    if (!('forward' in judgement)) return judgement;
    return hook(Buffer.from(judgement.forward));
  };
}

/** An answer that does not come in time counts as a refusal. */
function afterAnswer(
  times: HookTimes,
  opening: Opening | undefined,
  judge: Judge | undefined,
): Judge | undefined {
  if (!opening || !judge) return judge;
  const judgeOne = afterwards(judge, (judgement) => {
    // Only what is sent opens a session: behind the policy a hook may have dropped it.
    if ('forward' in judgement) opening.sent();
    return judgement;
  });
  return (message) => {
    if (!opening.isOwed) return judgeOne(message);
    return times
      .inTime(opening.answered())
      .catch(() => opening.giveUp())
      .then(() => judgeOne(message));
  };
}

/** A message is the client's last once it is really given to it, which a hook may prevent. */
function withLast(ending: Ending | undefined, judge: Judge | undefined): Judge | undefined {
  if (!ending || !judge) return judge;
  return afterwards(judge, (judgement) => {
    if (!('forward' in judgement)) return judgement;
    const text = judgement.forward.toString();
    const shown = ending.give(text);
    return shown === text ? judgement : { forward: shown };
  });
}

/** Has a look at each judgement once it stands, and the last word. */
function afterwards(judge: Judge, look: (judgement: Judgement) => Judgement): Judge {
  return (message) => {
    const judgement = judge(message);
    return isPromise(judgement) ? judgement.then(look) : look(judgement);
  };
}

/** For messages that may hold a credential: nobody sees it, neither the policy, nor the application's hook, nor the provider. */
export function withStrip(strip: Strip | undefined, policed: Policed | undefined): Policed | undefined {
  if (!strip) return policed;
  const { up: policy } = policed ?? UNPOLICED;
  return {
    ...(policed ?? UNPOLICED),
    up(message) {
      const stripped = strip(message.toString());
      return policy && 'forward' in stripped ? policy(Buffer.from(stripped.forward)) : stripped;
    },
  };
}

/** Most bytes of a text where neither the application nor a policy has said: a long recording makes a long text. */
const ENDING_BYTES = 16_777_216;

/** For clients that wait for a last message, with an eye on what they send and what they are given. */
export function withEnding(ending: Ending | undefined, policed: Policed | undefined): Policed | undefined {
  if (!ending) return policed;
  const { up, down, maxBytes, ...others } = policed ?? UNPOLICED;
  return {
    ...others,
    ending,
    maxBytes: Math.max(maxBytes, ENDING_BYTES),
    up(message) {
      ending.noteUp(message);
      return up?.(message) ?? { forward: message };
    },
    down(message) {
      const judgement = down?.(message) ?? { forward: message };
      if ('forward' in judgement) ending.noteDown(judgement.forward.toString());
      return judgement;
    },
  };
}

/** Also one of another realm or library. */
function isPromise(judgement: Judgement | Promise<Judgement>): judgement is Promise<Judgement> {
  return typeof judgement === 'object' && judgement !== null && 'then' in judgement;
}
