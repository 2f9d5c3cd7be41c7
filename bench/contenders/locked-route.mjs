/** The route of the benchmark with one locked JSON path: every text of a client is opened, judged and sent on anew. */

/** @param route the open route of the benchmark */
export function lockedRoute(route) {
  return { ...route, messages: { up: lockPrompt } };
}

function lockPrompt(message) {
  const settings = JSON.parse(message);
  return { forward: JSON.stringify({ ...settings, prompt: 'the prompt of the operator' }) };
}
