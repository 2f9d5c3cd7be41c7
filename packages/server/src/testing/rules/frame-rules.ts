/** With what a session may begin, as data. Later frames are judged only by their kind. */
import type { MockFrame } from '../message-reader.ts';
import { readMessage } from '../vendors/json-message.ts';
import type { SocketService } from '../vendors/vendor.ts';

export interface FrameRules {
  /** The `type` that the first message may have. */
  readonly first: readonly string[];
  /** Where binary frames may stand. */
  readonly binary: 'anywhere' | 'after the first' | 'nowhere';
  /** A field that may stand in place of `type`. */
  readonly firstField?: string;
}

/** A judge that says what is wrong with the message number `index`, or undefined when the vendor documents it. */
export function judgeFrames(rules: FrameRules): SocketService['judgeFrame'] {
  return ({ kind, payload }: MockFrame, index: number) => {
    if (kind === 'binary') return binaryProblem(rules, index);
    if (index > 0) return undefined;
    const message = readMessage(payload);
    if (rules.firstField !== undefined && message?.[rules.firstField] !== undefined) return undefined;
    const type = message?.['type'];
    if (typeof type !== 'string') return 'the first frame is not a JSON message with a type';
    return rules.first.includes(type) ? undefined : `the first message is not ${rules.first.join(' or ')}`;
  };
}

function binaryProblem({ first, binary }: FrameRules, index: number): string | undefined {
  if (binary === 'nowhere') return 'a binary frame, where the vendor takes only text';
  if (binary === 'anywhere' || index > 0) return undefined;
  return `the first frame is binary instead of ${first.join(' or ')}`;
}
