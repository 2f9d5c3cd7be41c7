/** One connection at the mock provider: takes the handshake, checks every frame and answers it. Counts into a tally. */
import { BINARY, CLOSE, FrameReader, PING, TEXT } from '../wire/frame-reader.mjs';
import { createTemplates, smallFrame } from '../wire/frame-template.mjs';
import { answerTo, createHeadReader, readTarget } from '../wire/handshake.mjs';
import { StampChecker } from '../wire/stamp-checker.mjs';
import { createFlood } from './flood.mjs';

const templateOf = createTemplates();
const BRACE = 0x7b;

/** @param {(group: number) => { faults: object, taken: number, floodBytes: number }} tallyOf */
export function servePeer(socket, tallyOf) {
  const head = createHeadReader();
  let reader;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  socket.on('data', (chunk) => {
    if (reader) {
      reader.take(chunk, 0, chunk.length);
      return;
    }
    const request = head.take(chunk);
    if (!request) return;
    const wish = readTarget(request.start.split(' ')[1] ?? '/');
    if (!wish) {
      socket.destroy();
      return;
    }
    reader = createReader(socket, wish, tallyOf(wish.group));
    socket.write(answerTo(request));
    if (request.used < chunk.length) reader.take(chunk, request.used, chunk.length);
  });
}

function createReader(socket, wish, tally) {
  const checker = new StampChecker(wish.session, wish.up, tally.faults);
  const template = templateOf(wish.down);
  const flood = createFlood(socket, wish, tally);
  let sent = 0;
  return new FrameReader((frame) => {
    if (frame.opcode !== BINARY) {
      answerOther(socket, frame, tally);
      return;
    }
    if (frame.first !== 0x82 || !frame.isMasked) tally.faults.torn += 1;
    checker.take(frame);
    tally.taken += 1;
    if (wish.flood > 0) flood.start();
    else {
      template.send(socket, wish.session, sent, frame.time);
      sent += 1;
    }
  });
}

/** Text is only settings, which want no answer; pongs too. */
function answerOther(socket, { opcode, text }, tally) {
  if (opcode === CLOSE) {
    socket.write(smallFrame(0x88, text.subarray(0, 125)));
    socket.end();
  } else if (opcode === PING) socket.write(smallFrame(0x8a, text));
  else if (opcode === TEXT && text[0] !== BRACE) tally.faults.foreign += 1;
}
