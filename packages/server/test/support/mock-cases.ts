/** For every service of every mocked vendor: a right request by an independent client, and what a turn with it looks like. */
import type { MockOf } from '../../src/testing/mock-upstream.ts';
import type { MockUpstreamOptions } from '../../src/testing/mock-options.ts';
import { startMockUpstream } from '../../src/testing/start-mock-upstream.ts';
import type { VendorName } from '../../src/testing/vendors/index.ts';
import { MOCK_SECRET } from './start-mock.ts';
import type { TestCleanup } from './test-cleanup.ts';
import { openWs, type WsClient } from './ws-client.ts';

export interface SocketCase {
  readonly vendor: VendorName;
  readonly service: string;
  readonly query: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  /** What a client sends for one turn. */
  readonly send: readonly (string | Buffer)[];
  /** What the mock answers, as types; audio in binary frames as `audio`. */
  readonly types: readonly string[];
}

export interface CallCase {
  readonly vendor: VendorName;
  readonly service: string;
  readonly method: 'GET' | 'POST';
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** A part of the happy answer's body. */
  readonly answer: string;
}

const json = (message: object): string => JSON.stringify(message);
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
const AUDIO = Buffer.alloc(640);
const KEY = { 'api-key': MOCK_SECRET };
const BEARER = { authorization: `Bearer ${MOCK_SECRET}` };
const DEEPGRAM = { vendor: 'deepgram', protocols: ['token', MOCK_SECRET] } as const;
const APPEND = json({ type: 'input_audio_buffer.append', audio: AUDIO.toString('base64') });

const heard = (item: string): string[] => [
  ...['input_audio_buffer.speech_started', 'input_audio_buffer.speech_stopped'],
  ...['input_audio_buffer.committed', item, 'conversation.item.input_audio_transcription.completed'],
];
const response = (audio: string): string[] => [
  ...['response.created', 'response.output_item.added'],
  ...times(3, `${audio}_transcript.delta`),
  ...times(3, `${audio}.delta`),
  ...[`${audio}.done`, `${audio}_transcript.done`, 'response.output_item.done', 'response.done'],
];
const REALTIME = { query: '', send: [json({ type: 'session.update', session: {} }), ...times(5, APPEND)] };
const newer = ['session.created', 'session.updated', ...heard('conversation.item.added')];
const older = ['session.created', 'session.updated', ...heard('conversation.item.created')];
const NEWER = { ...REALTIME, types: [...newer, ...response('response.output_audio')] };
const OLDER = { ...REALTIME, types: [...older, ...response('response.audio')] };

export const SOCKET_CASES: readonly SocketCase[] = [
  {
    ...{ ...DEEPGRAM, service: 'agent', query: '' },
    send: [json({ type: 'Settings' }), ...times(5, AUDIO)],
    types: [
      ...['Welcome', 'SettingsApplied', 'UserStartedSpeaking', 'ConversationText', 'AgentThinking'],
      ...['ConversationText', 'AgentStartedSpeaking', 'audio', 'audio', 'audio', 'AgentAudioDone'],
    ],
  },
  {
    ...{ ...DEEPGRAM, service: 'listen', query: 'model=nova-3' },
    send: [...times(5, AUDIO), json({ type: 'CloseStream' })],
    types: [...times(5, 'Results'), 'UtteranceEnd', 'Metadata'],
  },
  {
    ...{ ...DEEPGRAM, service: 'listenV2', query: 'model=flux-general-en&eot_threshold=0.7' },
    send: times(5, AUDIO),
    types: ['Connected', ...times(5, 'TurnInfo')],
  },
  {
    ...{ ...DEEPGRAM, service: 'speak', query: 'model=aura-2-thalia-en' },
    send: [json({ type: 'Speak', text: 'Hello' }), json({ type: 'Flush' })],
    types: ['Metadata', 'audio', 'audio', 'audio', 'Flushed'],
  },
  {
    ...{ ...OLDER, vendor: 'azureVoiceLive', service: 'realtime', headers: KEY },
    query: 'api-version=2025-10-01&model=gpt-realtime',
  },
  {
    ...{ vendor: 'azureVoiceLive', service: 'calls', headers: BEARER },
    query: 'api-version=2026-01-01-preview&agent-name=helper&agent-project-name=shop',
    send: [json({ type: 'rtc.call.sdp.create', sdp_offer: 'v=0' })],
    types: ['session.created', 'rtc.call.sdp.created'],
  },
  {
    ...{ ...NEWER, vendor: 'azureOpenai', service: 'realtime', headers: KEY },
    query: 'model=gpt-realtime',
  },
  {
    ...{ ...OLDER, vendor: 'azureOpenai', service: 'realtimeByVersion', headers: KEY },
    query: 'api-version=2025-04-01-preview&deployment=mine',
  },
  {
    ...{ ...NEWER, vendor: 'openai', service: 'realtime', headers: BEARER },
    query: 'model=gpt-realtime',
  },
  {
    ...{ vendor: 'elevenlabs', service: 'conversation', query: 'agent_id=mine' },
    headers: { 'xi-api-key': MOCK_SECRET },
    send: [
      json({ type: 'conversation_initiation_client_data' }),
      json({ type: 'pong', event_id: 1 }),
      ...times(5, json({ user_audio_chunk: AUDIO.toString('base64') })),
    ],
    types: [
      ...['conversation_initiation_metadata', 'ping', 'user_transcript', 'agent_response'],
      ...['audio', 'audio', 'audio', 'ping'],
    ],
  },
  {
    ...{ vendor: 'asr', service: 'recognise', query: '', headers: BEARER },
    send: [json({ type: 'meta', mime: 'audio/webm' }), AUDIO],
    types: [...times(3, 'progress'), 'done'],
  },
];

const JSON_TYPE = { 'content-type': 'application/json' };
const TOKEN = { authorization: `Token ${MOCK_SECRET}` };
const FORM = [
  '--cut\r\nContent-Disposition: form-data; name="file"; filename="audio.webm"',
  'Content-Type: audio/webm\r\n\r\nsound\r\n--cut--\r\n',
].join('\r\n');
const MESSAGE = { model: 'claude', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };
const CLAUDE: Omit<CallCase, 'answer'> = {
  ...{ vendor: 'claude', service: 'messages', method: 'POST', query: '' },
  headers: { ...JSON_TYPE, 'x-api-key': MOCK_SECRET, 'anthropic-version': '2023-06-01' },
};

export const CALL_CASES: readonly CallCase[] = [
  {
    ...{ vendor: 'deepgram', service: 'transcribe', method: 'POST', query: 'model=nova-3' },
    headers: { ...TOKEN, 'content-type': 'audio/wav' },
    body: AUDIO,
    answer: '"transcript":"What is the weather like?"',
  },
  {
    ...{ vendor: 'deepgram', service: 'synthesize', method: 'POST', query: 'model=aura-2-thalia-en' },
    headers: { ...TOKEN, ...JSON_TYPE },
    ...{ body: json({ text: 'Hello' }), answer: '\u0001\u0001' },
  },
  {
    ...{ vendor: 'deepgram', service: 'grant', method: 'POST', query: '' },
    headers: { ...TOKEN, ...JSON_TYPE },
    ...{ body: json({ ttl_seconds: 60 }), answer: '"expires_in":60' },
  },
  {
    ...{ vendor: 'openai', service: 'calls', method: 'POST', query: '' },
    headers: { ...BEARER, 'content-type': 'application/sdp' },
    ...{ body: 'v=0\r\n', answer: 'v=0\r\n' },
  },
  {
    ...{ vendor: 'openai', service: 'clientSecrets', method: 'POST', query: '' },
    headers: { ...BEARER, ...JSON_TYPE },
    body: json({ expires_after: { anchor: 'created_at', seconds: 60 }, session: { type: 'realtime' } }),
    answer: '"value":"ek_',
  },
  {
    ...{ vendor: 'elevenlabs', service: 'signedUrl', method: 'GET', query: 'agent_id=mine' },
    headers: { 'xi-api-key': MOCK_SECRET },
    answer: '"signed_url":"ws://',
  },
  {
    ...{ vendor: 'elevenlabs', service: 'token', method: 'GET', query: 'agent_id=mine' },
    headers: { 'xi-api-key': MOCK_SECRET },
    answer: '"token":"',
  },
  { ...CLAUDE, body: json(MESSAGE), answer: '"text":"It is sunny."' },
  { ...CLAUDE, body: json({ ...MESSAGE, stream: true }), answer: 'event: message_stop\n' },
  {
    ...{ ...CLAUDE, service: 'countTokens', answer: '"input_tokens":12' },
    body: json({ model: MESSAGE.model, messages: MESSAGE.messages }),
  },
  {
    ...{ vendor: 'asr', service: 'transcribe', method: 'POST', query: 'lang=eng_Latn' },
    headers: { ...BEARER, 'content-type': 'multipart/form-data; boundary=cut' },
    ...{ body: FORM, answer: '"lang":"eng_Latn"' },
  },
];

/** What the helpers below need of a mock, whosever it is. */
type AnyMock = { readonly urls: Readonly<Record<string, string>> };

/** A mock of any vendor that ends with its test. */
export async function startMockOf<Vendor extends VendorName>(
  test: TestCleanup,
  vendor: Vendor,
  options: Omit<Partial<MockUpstreamOptions>, 'vendor'> = {},
): Promise<MockOf<Vendor>> {
  const mock = await startMockUpstream({ secret: MOCK_SECRET, ...options, vendor });
  test.onTestFinished(() => mock.close());
  return mock;
}

/** The address of a service with a query. */
export function addressOf({ urls }: AnyMock, { service, query }: SocketCase | CallCase): string {
  return query === '' ? String(urls[service]) : `${urls[service]}?${query}`;
}

/** Opens a socket as the case says. */
export function dialCase(test: TestCleanup, mock: AnyMock, the: SocketCase): Promise<WsClient> {
  const { protocols = [], headers = {} } = the;
  return openWs(test, addressOf(mock, the), { protocols, headers });
}

/** Makes the call of the case, without following redirects. */
export function fetchCase(mock: AnyMock, the: CallCase, more: RequestInit = {}): Promise<Response> {
  const { method, headers, body } = the;
  const request = { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) } as const;
  return fetch(addressOf(mock, the), { ...request, ...more });
}

/** A message's type, or `audio` for a binary frame. */
export function typeOf({ kind, payload }: WsClient['frames'][number]): string {
  return kind === 'binary' ? 'audio' : String((JSON.parse(payload.toString()) as { type: string }).type);
}
