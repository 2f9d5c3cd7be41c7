/** The sharing of one context. */
import { describe, expect, it } from 'vitest';
import { deferred, FakeContext, installFakeAudio } from '../../test/audio/fake-audio.ts';
import { createSharedAudioContext, sharedAudioContext } from './audio-context.ts';

function share() {
  const contexts: FakeContext[] = [];
  const patience = new AbortController();
  const shared = createSharedAudioContext({
    create: () => {
      contexts.push(new FakeContext());
      return contexts.at(-1) as unknown as AudioContext;
    },
    patience: () => patience.signal,
  });
  return { shared, contexts, patience };
}

describe('createSharedAudioContext', () => {
  it('opens nothing before the first use', () => {
    expect(share().contexts).toHaveLength(0);
  });

  it('asks the context to run in the same task, within the gesture', () => {
    const { shared, contexts } = share();
    shared.acquire();
    let asked = false;
    (contexts[0] as FakeContext).allow.resume = async () => void (asked = true);
    shared.acquire();
    expect(asked).toBe(true);
  });

  it('opens one context for all, and closes it after the last', () => {
    const { shared, contexts } = share();
    const leases = [shared.acquire(), shared.acquire()];
    expect(leases[0]?.context).toBe(leases[1]?.context);
    leases[0]?.release();
    expect(contexts.map(({ state }) => state)).not.toContain('closed');
    leases[1]?.release();
    expect(contexts.map(({ state }) => state)).toEqual(['closed']);
  });

  it('opens a new context after the old one was closed', () => {
    const { shared, contexts } = share();
    shared.acquire().release();
    shared.acquire();
    expect(contexts).toHaveLength(2);
  });

  it('says autoplay-blocked when the browser holds the context back for too long, and may be asked again', async () => {
    const { shared, contexts, patience } = share();
    const lease = shared.acquire();
    const gesture = deferred();
    (contexts[0] as FakeContext).allow.resume = () => gesture.promise;
    const resumed = lease.resume();
    patience.abort();
    await expect(resumed).rejects.toMatchObject({ code: 'autoplay-blocked', retryable: true });
    const again = lease.resume();
    gesture.resolve();
    await expect(again).resolves.toBeUndefined();
  });
});

describe('sharedAudioContext', () => {
  it.each([
    [true, 'unsupported'],
    [false, 'insecure-context'],
  ])('where there are no worklets and the context is secure: %s, says %s', (isSecure, code) => {
    installFakeAudio();
    Object.assign(globalThis, { AudioWorkletNode: undefined, isSecureContext: isSecure });
    expect(() => sharedAudioContext.acquire()).toThrow(expect.objectContaining({ code, retryable: false }));
  });

  it('can be acquired once the browser can', () => {
    const { contexts } = installFakeAudio();
    sharedAudioContext.acquire().release();
    expect(contexts).toHaveLength(1);
  });
});
