/**
 * One conversation with a voice agent as an external store: joins the client, the microphone, the playback and the
 * agent's dialect. What a message means is agent-messages.ts's business, and how sound is made the audio part's.
 */
import { systemScheduler, type Scheduler } from '../connection/scheduler.ts';
import { isLive, type ClientSnapshot } from '../connection/state.ts';
import { Emitter } from '../emitter.ts';
...
