/** What a local upstream can be told to do wrong, at any moment, by tests and by the demo page. Only describes faults; the parts that misbehave read it. */

/** How a connection is ended: cut without a close frame, or closed. */
export type FaultyEnd =
  | 'destroy'
  | {
      code: number;
      /** At most 123 bytes. `{secret}` in it becomes the secret, as from an upstream that leaks keys. */
      reason: string;
    };

/** A missing field means: no such fault. Setting a field concerns connections and answers that begin later. */
export interface Faults {
  /** Upgrades are answered with this HTTP status. */
  refuse?: 401 | 429 | 503 | undefined;
  /** Milliseconds from an upgrade to its answer. */
  openDelayMs?: number | undefined;
  /** Agent: the connection ends like this in place of SettingsApplied. */
  onSettings?: FaultyEnd | undefined;
  /** Agent: the connection ends like this once so many bytes of one answer's audio were sent. Happens once, then switches itself off. */
  midAnswer?: { afterBytes: number; end: FaultyEnd } | undefined;
}
