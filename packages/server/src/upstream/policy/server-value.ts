/** What the server writes into messages: JSON in which secrets may stand. The only file here that reveals one. */
import { Secret } from '../secret.ts';
import type { ServerValue } from './policy.ts';

/** Makes the value anew each time, since what is written into a message may be changed there. Secrets are revealed then, not before. */
export function toMaker(value: ServerValue): () => unknown {
  if (value instanceof Secret) return () => value.reveal();
  if (typeof value !== 'object' || value === null) return () => value;
  if (Array.isArray(value)) {
    const makers = (value as readonly ServerValue[]).map(toMaker);
    return () => makers.map((make) => make());
  }
  const makers = Object.entries(value as Record<string, ServerValue>).map(
    ([name, part]) => [name, toMaker(part)] as const,
  );
  return () => Object.fromEntries(makers.map(([name, make]) => [name, make()]));
}

export function secretsIn(value: unknown): Secret[] {
  if (value instanceof Secret) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}

/** True for JSON, and where `maySecret` for JSON with secrets. */
export function isServerValue(value: unknown, maySecret: boolean): boolean {
  if (value instanceof Secret) return maySecret;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null)
    return value === null || typeof value === 'string' || typeof value === 'boolean';
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && Object.values(value).every((part) => isServerValue(part, maySecret));
}
