/** Serves one socket of the Deepgram Voice Agent dialect: reads messages, finds utterances, keeps the vendor's rules. What is heard and said is agent-conversation.ts's business. */
import { randomUUID } from 'node:crypto';
import type { RawData, WebSocket } from 'ws';
import { AgentConversation } from './agent-conversation.ts';
import type { ConversationParts } from './agent-conversation.ts';
import { AgentOutlet } from './agent-outlet.ts';
import type { OutletParts } from './agent-outlet.ts';
import { fieldsOf, readSettings, voiceOf } from './agent-settings.ts';
import type { AgentSettings } from './agent-settings.ts';
import { EndOfUtterance } from './end-of-utterance.ts';
import { MAX_TEXT_LENGTH } from './flite.ts';
import { Pcm16Reader } from './pcm16.ts';

export interface AgentParts extends ConversationParts, OutletParts {
  /** Milliseconds without any message after which the client is told and let go. */
  clientSilenceMs: number;
}

type Json = Readonly<Record<string, unknown>>;

/** Serves `socket` until it closes; every timer, child process and answer of the session ends with it. */
export function serveAgent(socket: WebSocket, parts: AgentParts): void {
  const session = new AgentSession(socket, parts);
  const silence = setTimeout(() => session.onSilence(), parts.clientSilenceMs);
  socket.on('message', (data: RawData, isBinary: boolean) => {
    silence.refresh();
    if (isBinary) session.onAudio(data as Buffer);
    else session.onText(String(data));
  });
  socket.on('error', ignore);
  socket.on('close', () => {
    clearTimeout(silence);
    session.end();
  });
}

class AgentSession {
  readonly #parts: AgentParts;
  readonly #outlet: AgentOutlet;
  readonly #reader = new Pcm16Reader();
  #settings: AgentSettings | undefined;
  #utterances: EndOfUtterance | undefined;
  #conversation: AgentConversation | undefined;

  constructor(socket: WebSocket, parts: AgentParts) {
    this.#parts = parts;
    this.#outlet = new AgentOutlet(socket, parts);
    this.#outlet.json({ type: 'Welcome', request_id: randomUUID() });
  }

  /** Audio before Settings is ignored: its format is not known yet. */
  onAudio(bytes: Uint8Array): void {
    for (const event of this.#utterances?.push(this.#reader.read(bytes)) ?? []) {
      if (event.kind === 'end') {
        this.#conversation?.hear(event.samples);
      } else {
        this.#conversation?.interrupt();
        this.#outlet.json({ type: 'UserStartedSpeaking' });
      }
    }
  }

  onText(text: string): void {
    const message = parse(text);
    const type = message['type'];
    if (typeof type !== 'string') return this.#outlet.fail(...UNPARSABLE);
    if (type === 'KeepAlive') return;
    if (type === 'Settings') return this.#applySettings(message);
    if (!this.#conversation || !this.#settings)
      return this.#outlet.fail('NON_SETTINGS_MESSAGE_BEFORE_SETTINGS', 'Send a Settings message first.');
    this.#obey(type, message, this.#conversation, this.#settings);
  }

  onSilence(): void {
    this.#outlet.fail('CLIENT_MESSAGE_TIMEOUT', 'No audio and no message came for too long.');
  }

  end(): void {
    this.#conversation?.end();
  }

  #applySettings(message: Json): void {
    // Clients take this error as harmless, so the session goes on.
    if (this.#settings)
      return this.#outlet.json({
        type: 'Error',
        code: 'SETTINGS_ALREADY_APPLIED',
        description: 'Settings can be sent only once in a session.',
      });
    const settings = readSettings(message);
    if (typeof settings === 'string') return this.#outlet.fail('INVALID_SETTINGS', settings);
    const { onSettings } = this.#parts.faults;
    if (onSettings) return this.#outlet.end(onSettings);
    this.#settings = settings;
    this.#utterances = new EndOfUtterance({ sampleRate: settings.inputRate });
    this.#conversation = new AgentConversation(this.#outlet, settings, this.#parts);
    this.#outlet.json({ type: 'SettingsApplied' });
    if (settings.greeting !== '') this.#conversation.say(settings.greeting);
  }

  #obey(type: string, message: Json, conversation: AgentConversation, settings: AgentSettings): void {
    const { content, message: words } = message;
    if (type === 'InjectUserMessage' && typeof content === 'string') return conversation.read(content);
    if (type === 'InjectAgentMessage' && typeof words === 'string') return this.#inject(words, conversation);
    if (type === 'FunctionCallResponse') return;
    if (type === 'UpdatePrompt' && typeof message['prompt'] === 'string')
      return this.#outlet.json({ type: 'PromptUpdated' });
    if (type === 'UpdateSpeak') {
      settings.voice = voiceOf(message['speak']);
      return this.#outlet.json({ type: 'SpeakUpdated' });
    }
    this.#outlet.fail(...UNPARSABLE);
  }

  #inject(words: string, conversation: AgentConversation): void {
    const why = this.#utterances?.isSpeaking
      ? 'the user is speaking'
      : conversation.isAnswering
        ? 'the agent is speaking'
        : words.length > MAX_TEXT_LENGTH && 'the text is too long';
    if (!why) return conversation.say(words);
    this.#outlet.json({ type: 'InjectionRefused', message: `Ignored: ${why}.` });
  }
}

const UNPARSABLE = [
  'UNPARSABLE_CLIENT_MESSAGE',
  'The message has none of the formats that are expected.',
] as const;

function parse(text: string): Json {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function ignore(): void {}
