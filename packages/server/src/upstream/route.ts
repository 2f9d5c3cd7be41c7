/** A public path bound to one upstream: a preset with the operator's key. Made by the preset functions, used by the session. */
import type { MessageRules } from './message-hook.ts';
import type { MessagePolicy } from './policy/policy.ts';
import type { Preset } from './preset.ts';
import type { Secret } from './secret.ts';

export interface Route {
  readonly preset: Preset;
  readonly secret: Secret;
  /** What the application wants to see of the messages; without it they pass unopened. */
  readonly messages?: MessageRules | undefined;
  /** What messages may say; in place of the preset's. It is enforced before the application sees them. */
  readonly policy?: MessagePolicy | undefined;
}
