/** Makes tokens for trying things out. An application makes its own, where it knows its users. */
import { SignJWT } from 'jose';
import { systemClock } from '../clock.ts';
import { toJwtKey } from './jwt-key.ts';

export interface DevelopmentTokenOptions {
  /** The secret that `jwt()` verifies with. */
  secret: string | undefined;
  /** The user's id, the `sub` claim. */
  sub: string;
  /** The `iss` and `aud` claims, where `jwt()` asks for them. */
  issuer?: string | undefined;
  audience?: string | undefined;
  /** Life in milliseconds. Default: one hour. */
  lifetimeMs?: number | undefined;
}

/** An HS256 token. @throws ConfigError when the secret is missing or weak. */
export async function createDevelopmentToken(options: DevelopmentTokenOptions): Promise<string> {
  const key = toJwtKey({ secret: options.secret, algorithms: ['HS256'] });
  const nowSeconds = Math.floor(systemClock.now() / 1000);
  const { issuer, audience } = options;
  return new SignJWT({
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(audience === undefined ? {} : { aud: audience }),
  })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(options.sub)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + Math.ceil((options.lifetimeMs ?? 3_600_000) / 1000))
    .sign(key);
}
