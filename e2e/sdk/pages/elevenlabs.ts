/** A conversation with an ElevenLabs agent, microphone and all, by its SDK as documented; only the origin and the key differ. */
import { Conversation } from '@elevenlabs/client';
import { say, sayError, settings, socketBase } from './page.ts';

try {
  await Conversation.startSession({
    connectionType: 'websocket',
    origin: `${socketBase}/elevenlabs`,
    agentId: 'agent_0123',
    authorization: settings.token,
    onConnect: ({ conversationId }) => say('connected', conversationId),
    onDisconnect: ({ reason }) => say('disconnected', reason),
    onMessage: ({ source, message }) => say(source, message),
    onAudio: (audio) => say('audio', String(atob(audio).length)),
    onError: (message) => say('error', message),
  });
} catch (error) {
  sayError(error);
}
