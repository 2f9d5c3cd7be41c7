/** With what a session of each service may begin, according to the vendor. Later frames are not judged. */
import type { MockService } from './handshake-rules.ts';
import type { MockFrame } from './message-reader.ts';
import { readMessage } from './scenarios/vendor-messages.ts';

const FIRST_TYPES: Readonly<Record<MockService, readonly string[]>> = {
  agent: ['Settings'],
  listen: ['KeepAlive', 'Finalize', 'CloseStream'],
};

/** What is wrong with the first frame of a session, or undefined when the vendor documents it. */
export function firstFrameProblem(service: MockService, { kind, payload }: MockFrame): string | undefined {
  if (kind === 'binary')
    return service === 'listen' ? undefined : 'the first frame is binary instead of Settings';
  const type = readMessage(payload)?.['type'];
  if (typeof type !== 'string') return 'the first frame is not a JSON message with a type';
  const expected = FIRST_TYPES[service];
  return expected.includes(type) ? undefined : `the first message is not ${expected.join(' or ')}`;
}
