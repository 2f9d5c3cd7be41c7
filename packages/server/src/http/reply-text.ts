/** The whole text of a provider's answer, within the limits of its call. */
import { GatheredBytes } from '../gathered-bytes.ts';
import type { HttpReply } from '../upstream/http-call.ts';

/** Rejects with a ProxyError, as the body does. */
export async function readText(reply: Pick<HttpReply, 'body'>): Promise<string> {
  const gathered = new GatheredBytes();
  for await (const chunk of reply.body) gathered.add(chunk);
  return Buffer.concat(gathered.take()).toString();
}
