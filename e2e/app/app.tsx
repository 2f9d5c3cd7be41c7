/** The page: what stands where. What things do is use-demo.ts's business. */
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { fetchConfig } from './demo-backend.ts';
import type { DemoConfig } from './demo-contract.ts';
import { CallPanel } from './parts/call-panel.tsx';
import { Composer } from './parts/composer.tsx';
import { ConnectionPill } from './parts/connection-pill.tsx';
import { Conversation } from './parts/conversation.tsx';
import { ErrorNotice } from './parts/error-notice.tsx';
import { Numbers } from './parts/numbers.tsx';
import { RecordingsPanel } from './parts/recordings-panel.tsx';
import { Trials } from './parts/trials.tsx';
import { useDemo } from './use-demo.ts';
import type { Demo } from './use-demo.ts';

export function App(): ReactElement {
  const demo = useDemo();
  const config = useConfig();
  return (
    <div className="page">
      <header className="head">
        <img src="/icon.svg" alt="" />
        <div className="head-text">
          <h1>voxproxy</h1>
          <p>{taglineOf(config)}</p>
        </div>
        <ConnectionPill {...demo.snapshot} />
      </header>
      <main className="main">
        <Side demo={demo} isLocal={config?.upstream !== 'deepgram'} />
        <Talk demo={demo} isLocal={config?.upstream !== 'deepgram'} />
      </main>
    </div>
  );
}

interface ColumnProps {
  demo: Demo;
  isLocal: boolean;
}

function Side({ demo, isLocal }: ColumnProps): ReactElement {
  const { session, snapshot, playing } = demo;
  return (
    <div className="side">
      <CallPanel snapshot={snapshot} session={session} onTalk={demo.talk} onHangUp={demo.hangUp} />
      <RecordingsPanel isLocal={isLocal} playing={playing} onPlay={demo.play} />
      <Trials onTry={demo.callWith} />
    </div>
  );
}

function Talk({ demo, isLocal }: ColumnProps): ReactElement {
  const { snapshot, record, heard } = demo;
  const isEmpty = snapshot.transcript.length + record.notes.length === 0;
  return (
    <div className="talk-column">
      <ErrorNotice {...snapshot} />
      <section className="card talk-card" aria-labelledby="conversation">
        <div className="talk-head">
          <h2 id="conversation">Conversation</h2>
          <button type="button" disabled={isEmpty} onClick={demo.clear}>
            Clear
          </button>
        </div>
        <Conversation snapshot={snapshot} record={record} isLocal={isLocal} onSay={demo.say} />
        <Composer onSend={demo.say} />
      </section>
      <Numbers stats={snapshot.stats} record={record} heard={heard} />
    </div>
  );
}

function useConfig(): DemoConfig | undefined {
  const [config, setConfig] = useState<DemoConfig>();
  useEffect(() => {
    const leaving = new AbortController();
    fetchConfig(leaving.signal).then(setConfig, () => undefined);
    return () => leaving.abort();
  }, []);
  return config;
}

function taglineOf(config: DemoConfig | undefined): string {
  if (!config) return 'The page talks, the server keeps the key.';
  if (config.upstream === 'deepgram') return 'Answered by Deepgram. The key stays on the server.';
  const ears = config.hasRecogniser ? 'it understands a few phrases' : 'it plays your own voice back';
  return `Answered by a voice on this machine: ${ears}.`;
}
