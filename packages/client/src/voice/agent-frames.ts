/** Tells the agent's messages from its audio. What a message means is agent-messages.ts's business. */
import { isAgentMessage } from './agent-messages.ts';
import type { AgentMessage } from './conversation.ts';

const BRACE = 0x7b;

/** The message in a text; undefined where there is none. */
export function readAgentMessage(text: string): AgentMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isMessage = typeof value === 'object' && typeof (value as AgentMessage | null)?.type === 'string';
    return isMessage ? (value as AgentMessage) : undefined;
  } catch {
    return undefined;
  }
}

/** Some servers put messages into binary frames: their text, or undefined for audio, which may begin like one. */
export function textInBinary(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== BRACE) return undefined;
  const text = new TextDecoder().decode(bytes);
  return isAgentMessage(readAgentMessage(text)) ? text : undefined;
}
