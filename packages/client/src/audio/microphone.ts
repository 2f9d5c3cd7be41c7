/** Opens the user's microphone and says in stable codes why it could not. What is done with it is left to capture.ts. */
import { MediaError, type MediaErrorCode } from './media-error.ts';

export interface MicrophoneOptions {
  /** Which microphone, as named by enumerateDevices(); default: the one the user or system prefers. */
  deviceId?: string | undefined;
  /** More wishes; by default one channel, echo cancellation, noise suppression and automatic gain. */
  constraints?: MediaTrackConstraints;
}

const CODES: Record<string, MediaErrorCode> = {
  SecurityError: 'permission-denied',
  NotFoundError: 'no-device',
  OverconstrainedError: 'no-device',
  NotReadableError: 'device-busy',
  AbortError: 'device-busy',
};

/** Rejects with a MediaError. */
export async function openMicrophone(options: MicrophoneOptions): Promise<MediaStream> {
  const { deviceId, constraints } = options;
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: {
        channelCount: 1,
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        ...constraints,
        ...(deviceId && { deviceId: { exact: deviceId } }),
      },
    });
  } catch (cause) {
    throw new MediaError(await codeOf((cause as Error).name), cause);
  }
}

/** Browsers report a dismissed prompt like a refusal; only the state of the permission tells them apart. */
async function codeOf(name: string): Promise<MediaErrorCode> {
  if (name !== 'NotAllowedError') return CODES[name] ?? 'unsupported';
  const permission = await navigator.permissions?.query({ name: 'microphone' }).catch(() => undefined);
  return permission?.state === 'prompt' ? 'permission-dismissed' : 'permission-denied';
}
