/** A part of a session's snapshot as React state: the component renders again only when that part differs. */
import { IDLE_SNAPSHOT, type VoiceSession, type VoiceSnapshot } from '@voxproxy/client/voice';
import { useMemo, useSyncExternalStore } from 'react';

/** `select` may make a new object or array each time; as long as it holds the same values, the old one is kept. */
export function useSelection<Part>(session: VoiceSession, select: (snapshot: VoiceSnapshot) => Part): Part {
  const [read, readIdle] = useMemo(
    () => [remember(session.getSnapshot, select), remember(() => IDLE_SNAPSHOT, select)] as const,
    [session, select],
  );
  return useSyncExternalStore(session.subscribe, read, readIdle);
}

function remember<Part>(read: () => VoiceSnapshot, select: (snapshot: VoiceSnapshot) => Part): () => Part {
  let last: { readonly snapshot: VoiceSnapshot; readonly part: Part } | undefined;
  return () => {
    const snapshot = read();
    if (last?.snapshot === snapshot) return last.part;
    const part = select(snapshot);
    last = { snapshot, part: last && isSame(last.part, part) ? last.part : part };
    return last.part;
  };
}

/** Only of plain objects and arrays is it known that the same values make the same thing. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.is(a[key], b[key]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
