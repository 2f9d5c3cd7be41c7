/** From a route's message rules to what the relay asks for: hooks with a time limit, and the kinds that may not pass. */
import type { Strip } from '../auth/message-credential.ts';
import type { Clock } from '../clock.ts';
import type { Ending } from './ending.ts';
import { ProxyError } from '../errors.ts';
import type { DirectionRules, Judge, Judgement } from '../relay/judge.ts';
import { DEFAULT_HOOK_BYTES, type MessageHook, type MessageRules } from '../upstream/message-hook.ts';

/** The rules of one session, and the way to let go of hooks that have not answered when it is over. */
export interface Judging {
  readonly up: DirectionRules;
  readonly down: DirectionRules;
  stop(): void;
}

export function createJudging(clock: Clock, hookMs: number, rules: MessageRules): Judging {
  const cancels = new Set<() => void>();
  const inTime = (pending: Promise<Judgement>): Promise<Judgement> =>
    new Promise((resolve, reject) => {
      const cancel = clock.after(hookMs, () =>
        reject(new ProxyError('Internal', 'a message hook took too long')),
      );
      cancels.add(cancel);
      const settle = (): void => {
        cancels.delete(cancel);
        cancel();
      };
      Promise.resolve(pending).then(resolve, reject).finally(settle);
    });
  const toJudge =
    (hook: MessageHook): Judge =>
    (message) => {
      const judgement = hook(message.toString());
      return isPromise(judgement) ? inTime(judgement) : judgement;
    };
  const { up, down, onlyFromClient, maxBytes: maxOpenedBytes = DEFAULT_HOOK_BYTES } = rules;
  // Where no text may come there is none to judge.
  const upHook = onlyFromClient === 'binary' ? undefined : up;
  const refused = onlyFromClient === 'text' ? 'binary' : 'text';
  return {
    up: {
      judge: upHook && toJudge(upHook),
      maxOpenedBytes,
      refuses: onlyFromClient === undefined ? undefined : refused,
    },
    down: { judge: down && toJudge(down), maxOpenedBytes },
    stop() {
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}

/** The rules of a route whose messages may hold a credential: nobody sees it, neither the application's hook nor the provider. */
export function withStrip(
  strip: Strip | undefined,
  rules: MessageRules | undefined,
): MessageRules | undefined {
  if (!strip) return rules;
  const hook = rules?.up;
  const up: MessageHook = (text) => {
    const stripped = strip(text);
    return hook && 'forward' in stripped ? hook(stripped.forward) : stripped;
  };
  return { ...rules, up };
}

/** Most bytes of a text where the application has not said: a long recording makes a long text. */
const ENDING_BYTES = 16_777_216;

/** The rules of a route whose clients wait for a last message, with an eye on that. */
export function withEnding(
  ending: Ending | undefined,
  rules: MessageRules | undefined,
): MessageRules | undefined {
  if (!ending) return rules;
  const { up, down } = rules ?? {};
  return {
    maxBytes: ENDING_BYTES,
    ...rules,
    up(text) {
      ending.noteUp(text);
      return up?.(text) ?? { forward: text };
    },
    down(text) {
      const shown = ending.noteDown(text);
      return down?.(shown) ?? { forward: shown };
    },
  };
}

/** Also one of another realm or library. */
function isPromise(judgement: Judgement | Promise<Judgement>): judgement is Promise<Judgement> {
  return typeof judgement === 'object' && judgement !== null && 'then' in judgement;
}
