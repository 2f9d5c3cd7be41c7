/** What every contender in Node shares: its settings, its answers to the benchmark, and how it says where it listens. */
import { announce, answerCommands } from '../rig/answering.mjs';

export const readSettings = () => JSON.parse(process.argv[2] ?? '{}');

/** @param {number | { absent: string }} portOrAbsence why it cannot take part, where it cannot */
export function enter(portOrAbsence) {
  answerCommands({
    collectGarbage() {
      for (let turn = 0; turn < 3; turn += 1) globalThis.gc?.();
    },
  });
  announce(typeof portOrAbsence === 'number' ? { port: portOrAbsence } : portOrAbsence);
}

/** Listens on loopback with room for many clients at once. */
export function listenAndEnter(server) {
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => enter(server.address().port));
}
