/** Sends as many bytes as were asked for, as fast as the socket takes them and no faster. */
import { FrameTemplate } from '../wire/frame-template.mjs';

export function createFlood(socket, { flood, session, down }, tally) {
  let template;
  let sequence = 0;
  let left = flood;
  const go = () => {
    while (left > 0 && !socket.destroyed) {
      const isTaken = template.send(socket, session, sequence, 0);
      sequence += 1;
      left -= down;
      tally.floodBytes += down;
      if (!isTaken) return;
    }
  };
  return {
    start() {
      if (template) return;
      template = new FrameTemplate(down);
      socket.on('drain', go);
      go();
    },
  };
}
