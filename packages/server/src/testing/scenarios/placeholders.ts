/** Puts the secret into texts of scenarios, in the forms in which real upstreams have given keys away. */

/**
 * Replaces `{secret}`, `{secret:percent}` (every byte percent-encoded), `{secret:base64}` and `{secret:bearer}` in a
 * text, so that a scenario can be written down without knowing the secret.
 */
export function fillSecret(text: string, secret: string): string {
  const bytes = Buffer.from(secret, 'utf8');
  const forms: Readonly<Record<string, string>> = {
    plain: secret,
    percent: [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
    base64: bytes.toString('base64'),
    bearer: `Bearer ${secret}`,
  };
  // A function, because a secret may hold what a replacement text would take for a pattern.
  return text.replace(
    /\{secret(?::(percent|base64|bearer))?\}/g,
    (_all, form: string = 'plain') => forms[form] ?? '',
  );
}
