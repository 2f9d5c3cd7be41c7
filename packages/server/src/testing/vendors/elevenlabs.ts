/** ElevenLabs: conversations over WebSockets; signed addresses and tokens for pages, and a text spoken, over HTTP. */
import { jsonAnswer } from '../http-answers.ts';
import { bareHeader, queryKey, subprotocolPrefix } from '../rules/credential-slots.ts';
import { judgeFrames } from '../rules/frame-rules.ts';
import { converseAsAgent, errorMessage } from './elevenlabs-agent.ts';
import { judgeText, speak } from './elevenlabs-calls.ts';
import type { CallService, MockVendor } from './vendor.ts';

export type ElevenlabsService = 'conversation' | 'signedUrl' | 'token' | 'speak' | 'speakInParts';

const CONVERSATION_PATH = '/v1/convai/conversation';
/** Where the mock puts the credential of a signed address. */
const SIGNATURE_KEY = 'conversation_signature';

const AGENT = { forms: [['agent_id']], optional: ['source', 'version', 'environment'] } as const;

const get = (rules: Pick<CallService, 'path' | 'answer'>): CallService => ({
  kind: 'call',
  method: 'GET',
  slots: ['xi-api-key'],
  query: AGENT,
  ...rules,
});

const VOICE_PATH = '/v1/text-to-speech/mock-voice';

const post = (path: string): CallService => ({
  kind: 'call',
  method: 'POST',
  path,
  slots: ['xi-api-key'],
  query: { optional: ['output_format', 'optimize_streaming_latency', 'enable_logging'] },
  contentType: /^application\/json(;|$)/,
  judgeBody: judgeText,
  answer: speak,
});

export const elevenlabs: MockVendor<ElevenlabsService> = {
  title: 'ElevenLabs',
  slots: {
    'xi-api-key': bareHeader('xi-api-key'),
    signature: queryKey(SIGNATURE_KEY, ['issued']),
    subprotocol: subprotocolPrefix('bearer.', ['issued']),
  },
  services: {
    conversation: {
      kind: 'upgrade',
      path: CONVERSATION_PATH,
      slots: ['xi-api-key', 'signature', 'subprotocol'],
      query: AGENT,
      subprotocols: ['convai'],
      kindOfFrames: 'text',
      judgeFrame: judgeFrames({
        first: ['conversation_initiation_client_data', 'pong', 'user_message', 'user_activity'],
        firstField: 'user_audio_chunk',
        binary: 'nowhere',
      }),
      converse: converseAsAgent,
    },
    signedUrl: get({
      path: `${CONVERSATION_PATH}/get-signed-url`,
      answer({ request, host, isSecure, issue }) {
        const agent = request.query.find(([key]) => key === 'agent_id')?.[1] ?? '';
        const query = new URLSearchParams([
          ['agent_id', agent],
          [SIGNATURE_KEY, issue('mock-signature-')],
        ]);
        const scheme = isSecure ? 'wss' : 'ws';
        return jsonAnswer(200, { signed_url: `${scheme}://${host}${CONVERSATION_PATH}?${query}` });
      },
    }),
    token: get({
      path: `${CONVERSATION_PATH}/token`,
      answer: ({ issue }) => jsonAnswer(200, { token: issue('mock-token-') }),
    }),
    speak: post(VOICE_PATH),
    speakInParts: post(`${VOICE_PATH}/stream`),
  },
  errorMessage,
  errorAnswer: (status, message) =>
    jsonAnswer(status, {
      detail: { status: status === 401 ? 'invalid_api_key' : 'error', message },
    }),
  errorHeader: 'x-error',
};
