/** Plays one recording at a time into a session, and gives the microphone back to it where it was in use before. */
import { useRef, useState } from 'react';
import type { VoiceSession } from '@voxproxy/client/voice';
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
  const play = (recording: Recording): void => {
    const hadMicrophone = session.getSnapshot().isMicOn;
    const run = playRecording(recording, () => {
      if (current.current !== run) return;
      current.current = undefined;
      setPlaying(undefined);
      session.stopMic();
      if (hadMicrophone) void session.startMic();
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
