/** What the browser is asked for, and what its refusals are called. */
import { describe, expect, it } from 'vitest';
import { installFakeAudio } from '../../test/audio/fake-audio.ts';
import { MediaError } from './media-error.ts';
import { openMicrophone } from './microphone.ts';

describe('openMicrophone', () => {
  it('asks for one channel of cleaned speech', async () => {
    const { streams } = installFakeAudio();
    await openMicrophone({});
    const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    expect(streams[0]?.constraints).toEqual({ audio });
  });

  it('asks for exactly the device, and for what the application wishes', async () => {
    const { streams } = installFakeAudio();
    await openMicrophone({ deviceId: 'desk', constraints: { noiseSuppression: false } });
    expect(streams[0]?.constraints.audio).toMatchObject({
      deviceId: { exact: 'desk' },
      noiseSuppression: false,
      echoCancellation: true,
    });
  });

  it.each([
    ['NotAllowedError', 'denied', 'permission-denied', false],
    ['NotAllowedError', 'granted', 'permission-denied', false],
    ['NotAllowedError', 'prompt', 'permission-dismissed', true],
    ['SecurityError', 'granted', 'permission-denied', false],
    ['NotFoundError', 'granted', 'no-device', true],
    ['OverconstrainedError', 'granted', 'no-device', true],
    ['NotReadableError', 'granted', 'device-busy', true],
    ['AbortError', 'granted', 'device-busy', true],
    ['TypeError', 'granted', 'unsupported', false],
  ])('calls %s with the permission %s: %s, retryable: %s', async (name, permission, code, retryable) => {
    const audio = installFakeAudio();
    const cause = Object.assign(new Error('said the browser'), { name });
    audio.permission = permission;
    audio.answer = () => Promise.reject(cause);
    const error = await openMicrophone({}).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MediaError);
    expect(error).toMatchObject({ code, retryable, cause });
  });

  it('calls a refusal denied where permissions cannot be queried', async () => {
    const audio = installFakeAudio();
    audio.answer = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    for (const permissions of [undefined, { query: () => Promise.reject(new TypeError('not this one')) }]) {
      Object.assign(navigator, { permissions });
      await expect(openMicrophone({})).rejects.toMatchObject({ code: 'permission-denied' });
    }
  });
});
