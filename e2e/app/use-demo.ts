/** Everything the page can do, joined for its parts: the call, the recordings, the tokens it asks for. Renders nothing. */
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useVoiceProxy } from '@voxproxy/react';
import type { VoiceSession, VoiceSnapshot } from '@voxproxy/client/voice';
import { CallRecorder } from './call-recorder.ts';
import type { CallRecord } from './call-record.ts';
import { isInCall } from './connection-words.ts';
import { fetchToken } from './demo-backend.ts';
import { PROXY_BASE, PROXY_ROUTE, WORKLET_PATH } from './demo-contract.ts';
import type { TokenKind } from './demo-contract.ts';
import type { HeardAudio } from './parts/numbers.tsx';
import type { Recording } from './recordings.ts';
import { useRecordings } from './use-recordings.ts';
import type { Recordings } from './use-recordings.ts';

export interface DemoActions {
  talk(): void;
  hangUp(): void;
  say(text: string): void;
  play(recording: Recording): void;
  /** Hangs up and calls again with a token of this kind. */
  callWith(kind: TokenKind): void;
  clear(): void;
}

export interface Demo extends DemoActions {
  session: VoiceSession;
  snapshot: VoiceSnapshot;
  record: CallRecord;
  heard: HeardAudio | undefined;
  playing: Recording | undefined;
}

export function useDemo(): Demo {
  const kind = useRef<TokenKind>('good');
  const snapshot = useVoiceProxy({
    url: `${PROXY_BASE}${PROXY_ROUTE}`,
    token: ({ signal }) => fetchToken(takeKind(kind), signal),
    input: 'none',
    workletUrl: WORKLET_PATH,
  });
  const { session } = snapshot;
  const recorder = useMemo(() => new CallRecorder(session), [session]);
  const record = useSyncExternalStore(recorder.subscribe, recorder.getSnapshot, recorder.getSnapshot);
  const recordings = useRecordings(session);
  const heard = useHeard(session, snapshot);
  const actions = toActions({ session, recorder, recordings, kind });
  return { session, snapshot, record, heard, playing: recordings.playing, ...actions };
}

interface Parts {
  session: VoiceSession;
  recorder: CallRecorder;
  recordings: Recordings;
  /** Of the next token. */
  kind: { current: TokenKind };
}

function toActions({ session, recorder, recordings, kind }: Parts): DemoActions {
  const connect = (first: TokenKind = 'good'): void => {
    if (!isInCall(session.getSnapshot().state)) kind.current = first;
    void session.connect();
  };
  const hangUp = (): Promise<void> => {
    recordings.stop();
    return session.disconnect();
  };
  return {
    talk() {
      connect();
      void session.startMic();
    },
    hangUp: () => void hangUp(),
    say(text) {
      connect();
      recorder.typed();
      session.sendText(text);
    },
    play(recording) {
      connect();
      recordings.play(recording);
    },
    callWith: (next) => void hangUp().then(() => connect(next)),
    clear() {
      session.clearTranscript();
      recorder.clearNotes();
    },
  };
}

/** A wrong token stays wrong however often it is asked for; after any other comes a good one. */
function takeKind(kind: { current: TokenKind }): TokenKind {
  const taken = kind.current;
  if (taken !== 'wrong') kind.current = 'good';
  return taken;
}

/** What has entered the playback, asked for as it arrives and when an answer has ended. */
function useHeard(session: VoiceSession, { agentState, stats }: VoiceSnapshot): HeardAudio | undefined {
  const [heard, setHeard] = useState<HeardAudio>();
  useEffect(() => {
    let isCurrent = true;
    session.receivedAudio().then(
      ({ bytes, fnv1a }) => isCurrent && setHeard({ bytes, fnv1a: fnv1a.toString(16).padStart(8, '0') }),
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [session, agentState, stats.bytesReceived]);
  return heard;
}
