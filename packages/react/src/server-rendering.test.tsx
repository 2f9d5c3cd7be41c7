// @vitest-environment node
import { StrictMode, useRef, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import {
  useAgentState,
  useAudioLevel,
  useMicrophone,
  useVoiceProxy,
  useVoiceStatus,
  useVoiceTranscript,
  VoiceProxyProvider,
} from './index.ts';

function Everything(): ReactNode {
  const meter = useRef<HTMLDivElement>(null);
  useAudioLevel(meter);
  const words = [
    useAgentState(),
    useVoiceStatus().state,
    useVoiceTranscript().length,
    useMicrophone().isMicOn,
  ];
  return <div ref={meter}>{words.join(' ')}</div>;
}

function Alone(): ReactNode {
  const { state, agentState, error } = useVoiceProxy({ url: '/agent', autoConnect: true });
  return <p>{`${state} ${agentState} ${error?.code ?? 'fine'}`}</p>;
}

it('renders the idle state in plain Node, and opens nothing', () => {
  expect('document' in globalThis).toBe(false);
  const page = (
    <StrictMode>
      <VoiceProxyProvider url="/agent" token={() => 'token'} autoConnect>
        <Everything />
        <Alone />
      </VoiceProxyProvider>
    </StrictMode>
  );
  expect(renderToString(page)).toBe('<div>idle idle 0 false</div><p>idle idle fine</p>');
});
