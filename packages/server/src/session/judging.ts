/** From a route's message rules to what the relay asks for: hooks with a time limit, and the kinds that may not pass. */
import type { Clock } from '../clock.ts';
import { ProxyError } from '../errors.ts';
import type { DirectionRules, Judge, Judgement } from '../relay/judge.ts';
import { DEFAULT_HOOK_BYTES, type MessageHook, type MessageRules } from '../upstream/message-hook.ts';

export function toRules(
  clock: Clock,
  hookMs: number,
  rules: MessageRules,
  direction: 'up' | 'down',
): DirectionRules {
  const hook = rules[direction];
  const { onlyFromClient, maxBytes = DEFAULT_HOOK_BYTES } = rules;
  const refuses = onlyFromClient === 'text' ? 'binary' : 'text';
  return {
    judge: hook && withDeadline(clock, hookMs, hook),
    maxOpenedBytes: maxBytes,
    refuses: direction === 'up' && onlyFromClient ? refuses : undefined,
  };
}

function withDeadline(clock: Clock, hookMs: number, hook: MessageHook): Judge {
  return (message) => {
    const judgement = hook(message.toString());
    return isPromise(judgement) ? inTime(clock, hookMs, judgement) : judgement;
  };
}

function inTime(clock: Clock, hookMs: number, pending: Promise<Judgement>): Promise<Judgement> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(hookMs, () =>
      reject(new ProxyError('Internal', 'a message hook took too long')),
    );
    Promise.resolve(pending).then(resolve, reject).finally(cancel);
  });
}

/** Also one of another realm or library. */
function isPromise(judgement: Judgement | Promise<Judgement>): judgement is Promise<Judgement> {
  return typeof judgement === 'object' && judgement !== null && 'then' in judgement;
}
