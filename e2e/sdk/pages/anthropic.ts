/** A message, whole and streamed, by @anthropic-ai/sdk as its documentation has it; only the base URL and the key differ. */
import Anthropic from '@anthropic-ai/sdk';
import { say, sayError, settings } from './page.ts';

const client = new Anthropic({
  apiKey: settings.token,
  baseURL: `${settings.proxy}/anthropic`,
  dangerouslyAllowBrowser: true,
});
const asked: Anthropic.MessageCreateParamsNonStreaming = {
  model: 'claude-sonnet-5',
  max_tokens: 1024,
  messages: [{ role: 'user', content: 'What is the weather like?' }],
};

try {
  const message = await client.messages.create(asked);
  for (const block of message.content) if (block.type === 'text') say('message', block.text);
  const stream = client.messages.stream(asked);
  stream.on('text', (text) => say('text', text));
  const { stop_reason, usage } = await stream.finalMessage();
  say('end', `${stop_reason} ${usage.output_tokens}`);
} catch (error) {
  if (error instanceof Anthropic.APIError) say('error', `${error.status} ${error.type} ${error.apiMessage}`);
  else sayError(error);
}
