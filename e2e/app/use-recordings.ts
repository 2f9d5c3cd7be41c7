/**
 * Plays one recording at a time into a session, and gives the microphone back to it where it was in use before. A
 * recording ends with its call.
 */
import { useEffect, useRef, useState } from 'react';
import type { VoiceSession } from '@voxproxy/client/voice';
import { isInCall } from './connection-words.ts';
import { playRecording } from './recordings.ts';
import type { PlayingRecording, Recording } from './recordings.ts';

export interface Recordings {
  playing: Recording | undefined;
  play(recording: Recording): void;
  /** Without giving the microphone back. */
  stop(): void;
}

export function useRecordings(session: VoiceSession): Recordings {
  const [playing, setPlaying] = useState<Recording>();
  const current = useRef<PlayingRecording>(undefined);
  useEffect(() => {
    let wasInCall = isInCall(session.getSnapshot().state);
    return session.subscribe(() => {
      const isNow = isInCall(session.getSnapshot().state);
      if (wasInCall && !isNow) current.current?.stop();
      wasInCall = isNow;
    });
  }, [session]);
  const play = (recording: Recording): void => {
    const hadMicrophone = session.getSnapshot().isMicOn;
    const run = playRecording(recording, () => {
      if (current.current !== run) return;
      current.current = undefined;
      setPlaying(undefined);
      session.stopMic();
      if (hadMicrophone && isInCall(session.getSnapshot().state)) void session.startMic();
    });
    current.current = run;
    setPlaying(recording);
    session.stopMic();
    void session.startMic({ source: run.source });
  };
  const stop = (): void => {
    const run = current.current;
    current.current = undefined;
    setPlaying(undefined);
    run?.stop();
  };
  return { playing, play, stop };
}
