/** The far end of `ask()`: a child process answers commands that come over its channel, and ends with its parent. */

/** @param {Record<string, (question: object) => unknown>} commands may return a promise; a throw is told to the asker */
export function answerCommands(commands) {
  process.on('message', async ({ id, command, question }) => {
    try {
      process.send({ id, value: await commands[command](question) });
    } catch (error) {
      process.send({ id, failed: String(error?.message ?? error) });
    }
  });
  process.on('disconnect', () => process.exit(0));
}

/** Tells the parent that the process is ready, with what it wants to say, such as its port. */
export const announce = (facts) => process.send({ ready: facts });
