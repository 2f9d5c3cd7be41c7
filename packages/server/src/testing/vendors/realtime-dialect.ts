/** The conversation of every service that speaks the realtime dialect: JSON texts both ways, audio in base64. */
import { judgeFrames } from '../rules/frame-rules.ts';
import { asObject, readMessage } from './json-message.ts';
import { createTell, MOCK_SDP, realtimeError, type RealtimeNames, type Tell } from './realtime-messages.ts';
import { type RealtimeItem, tellHeard, tellResponse, type TurnInput } from './realtime-turn.ts';
import type { Conversation, ConverseInput, SocketService, Step } from './vendor.ts';

const CLIENT_EVENTS: readonly string[] = [
  ...['session.update', 'input_audio_buffer.append', 'input_audio_buffer.commit', 'input_audio_buffer.clear'],
  ...['output_audio_buffer.clear', 'conversation.item.create', 'conversation.item.delete'],
  ...['conversation.item.retrieve', 'conversation.item.truncate', 'response.create', 'response.cancel'],
];

type Message = Readonly<Record<string, unknown>>;
type Replies = Readonly<Record<string, (message: Message) => readonly Step[]>>;

export interface RealtimeDialect {
  readonly names: RealtimeNames;
  /** What the service answers beyond the events that all share. */
  readonly more?: (tell: Tell) => Replies;
}

/** What may come first, and that nothing may be binary. */
export const judgeRealtime = (...more: readonly string[]): SocketService['judgeFrame'] =>
  judgeFrames({ first: [...CLIENT_EVENTS, ...more], binary: 'nowhere' });

export function converseInRealtime(dialect: RealtimeDialect): SocketService['converse'] {
  return (input) => {
    const tell = createTell(input.id);
    const { names, more } = dialect;
    const isTranscription = input.request.query.some(([key]) => key === 'intent');
    const session = { id: `mock-session-${input.id}`, type: isTranscription ? 'transcription' : 'realtime' };
    const items = new Map<string, RealtimeItem>();
    const replies: Replies = {
      ...sessionReplies(tell, session),
      ...itemReplies(tell, items),
      ...turnReplies({
        tell,
        names,
        isTranscription,
        input,
        remember: (item) => void items.set(item.id, item),
      }),
      ...more?.(tell),
    };
    const reply: Conversation['reply'] = ({ payload }) => {
      const message = readMessage(payload);
      const type = String(message?.['type']);
      if (message && Object.hasOwn(replies, type)) return replies[type]?.(message) ?? [];
      const code = message ? 'unknown_event' : 'invalid_json';
      const eventId = message?.['event_id'];
      return [realtimeError(tell, { code, message: 'not an event that the service knows', eventId })];
    };
    return { greeting: [tell('session.created', { session })], reply };
  };
}

function sessionReplies(tell: Tell, session: object): Replies {
  return {
    'session.update': ({ session: given, event_id: eventId }) => {
      const asked = asObject(given);
      const wrong = asked ? wrongMember(asked) : '';
      if (!asked || wrong !== undefined) {
        const param = wrong ? `session.${wrong}` : 'session';
        return [
          realtimeError(tell, { code: 'invalid_type', message: `${param} is of no valid type`, eventId }),
        ];
      }
      const avatar = asObject(asked['avatar']);
      const servers = [{ urls: ['turn:127.0.0.1:9'], username: 'mock', credential: 'mock' }];
      const more = avatar ? { avatar: { ...avatar, ice_servers: servers } } : {};
      return [tell('session.updated', { session: { ...session, ...asked, ...more } })];
    },
  };
}

const isText = (value: unknown): boolean => typeof value === 'string';

/** Members that every service of the dialect knows; an update with a wrong one changes nothing. */
const MEMBERS: Readonly<Record<string, (value: unknown) => boolean>> = {
  type: (value) => value === 'realtime' || value === 'transcription',
  model: isText,
  instructions: isText,
  tools: Array.isArray,
  audio: (value) => asObject(value) !== undefined,
};

function wrongMember(session: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(MEMBERS).find(
    (name) => Object.hasOwn(session, name) && MEMBERS[name]?.(session[name]) === false,
  );
}

/** Of items that stand in the conversation; of others, an error. */
function itemReplies(tell: Tell, items: Map<string, RealtimeItem>): Replies {
  return {
    'conversation.item.retrieve': ({ item_id, event_id }) => {
      const item = items.get(String(item_id));
      if (item) return [tell('conversation.item.retrieved', { item })];
      const code = 'item_retrieve_invalid_item_id';
      return [realtimeError(tell, { code, message: 'there is no such item', eventId: event_id })];
    },
    'conversation.item.delete': ({ item_id }) => {
      items.delete(String(item_id));
      return [tell('conversation.item.deleted', { item_id })];
    },
    'conversation.item.truncate': ({ item_id, audio_end_ms }) => [
      tell('conversation.item.truncated', { item_id, content_index: 0, audio_end_ms }),
    ],
  };
}

interface TurnReplies {
  readonly tell: Tell;
  readonly names: RealtimeNames;
  readonly isTranscription: boolean;
  readonly input: ConverseInput;
  readonly remember: TurnInput['remember'];
}

function turnReplies({ tell, names, isTranscription, input: { turn }, remember }: TurnReplies): Replies {
  let items = 0;
  let heard = 0;
  const next = (): TurnInput => ({ tell, names, turn, number: ++items, remember });
  const append = (): Step[] => {
    heard = (heard % turn.audioFrames) + 1;
    const place = { item_id: `mock-item-${items + 1}` };
    return [
      ...(heard === 1 ? [tell('input_audio_buffer.speech_started', { audio_start_ms: 0, ...place })] : []),
      ...(heard === turn.audioFrames ? finish(place) : []),
    ];
  };
  const finish = (place: object): Step[] => [
    tell('input_audio_buffer.speech_stopped', { audio_end_ms: 1000, ...place }),
    ...tellHeard(next()),
    ...(isTranscription ? [] : tellResponse(next())),
  ];
  return {
    'input_audio_buffer.append': append,
    'input_audio_buffer.commit': () => {
      heard = 0;
      return tellHeard(next());
    },
    'input_audio_buffer.clear': () => {
      heard = 0;
      return [tell('input_audio_buffer.cleared')];
    },
    'output_audio_buffer.clear': () => [],
    'conversation.item.create': ({ item }) => {
      const added = { id: `mock-item-${++items}`, ...asObject(item) };
      remember(added);
      return [tell(names.item, { previous_item_id: null, item: added })];
    },
    'response.create': () => tellResponse(next()),
    'response.cancel': () => [],
  };
}

/** Signalling of Voice Live: an avatar's and a call's session descriptions travel in the session. */
export function signalling(tell: Tell): Replies {
  const server_sdp = Buffer.from(JSON.stringify({ type: 'answer', sdp: MOCK_SDP })).toString('base64');
  return {
    'session.avatar.connect': ({ client_sdp }) =>
      typeof client_sdp === 'string'
        ? [tell('session.avatar.connecting', { server_sdp })]
        : [realtimeError(tell, { code: 'invalid_sdp', message: 'client_sdp is missing' })],
    'rtc.call.sdp.create': ({ sdp_offer }) =>
      typeof sdp_offer === 'string'
        ? [tell('rtc.call.sdp.created', { sdp_answer: MOCK_SDP })]
        : [tell('rtc.call.error', { error: { code: 'invalid_sdp', message: 'sdp_offer is missing' } })],
  };
}
