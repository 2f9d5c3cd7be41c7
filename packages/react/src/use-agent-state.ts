/** What the agent does: idle, listening, thinking or speaking. */
import type { AgentState, VoiceSession, VoiceSnapshot } from '@voxproxy/client/voice';
import { useSession } from './session-context.ts';
import { useSelection } from './use-selection.ts';

/** Of the provider's session, or of `session`. */
export function useAgentState(session?: VoiceSession): AgentState {
  return useSelection(useSession(session), agentStateOf);
}

const agentStateOf = ({ agentState }: VoiceSnapshot): AgentState => agentState;
