/** In place of the public list's groups 12 and 13: compression is negotiated on neither leg. */
import { expect, test } from 'vitest';
import { ALL_LEGS, openSession } from './bench.ts';

const OFFERS = [
  'permessage-deflate',
  'permessage-deflate; client_max_window_bits',
  'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9',
];
const cases = ALL_LEGS.flatMap((legs) => OFFERS.map((offer) => ({ legs, offer })));

test.for(cases)(
  'answers no offer of compression, and makes none ($legs, $offer)',
  async ({ legs, offer }, context) => {
    const session = await openSession(context, {
      legs,
      echo: 'upstream',
      headers: { 'Sec-WebSocket-Extensions': offer },
    });
    expect(session.answer).not.toMatch(/^sec-websocket-extensions:/im);
    expect(session.request).not.toMatch(/^sec-websocket-extensions:/im);
  },
);
