/** A public path bound to one upstream: a preset with the operator's key. Made by the preset functions, used by the session. */
import type { Preset } from './preset.ts';
import type { Secret } from './secret.ts';

export interface Route {
  readonly preset: Preset;
  readonly secret: Secret;
}
