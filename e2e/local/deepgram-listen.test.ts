import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { serveListen } from './deepgram-listen.ts';
import { readListenParameters } from './listen-parameters.ts';
import { bytesOf } from './pcm16.ts';
import type { RecogniseOptions } from './recognise.ts';
import { openListen, startForTest } from './support/local-upstreams.ts';
import { readRecording, RECORDINGS, toneOf } from './support/recordings.ts';
import { describeWithRecogniser } from './support/with-recogniser.ts';

// Speech takes long on a busy machine; what must not happen is shown by markers, never by this.
vi.setConfig({ testTimeout: 15_000 });

const transcriptOf = (results: Record<string, any>): string => results['channel'].alternatives[0].transcript;

describeWithRecogniser('a transcribed stream', () => {
  it.each(RECORDINGS)('tells the words of %s and where they were', async (file, words) => {
    const client = await openListen(await startForTest());
    await client.speak(readRecording(file));
    const results = await client.next('Results');
    expect(transcriptOf(results)).toBe(words);
    expect(results).toMatchObject({
      is_final: true,
      speech_final: true,
      from_finalize: false,
      channel_index: [0, 1],
    });
    expect(results['start']).toBeGreaterThan(0.3);
    expect(results['duration']).toBeGreaterThan(0.8);
    expect(client.types).toEqual(['Results']);
  });

  it('tells what it understands before the speech is over, where asked', async () => {
    const client = await openListen(await startForTest(), '&interim_results=true');
    const { samples, sampleRate } = readRecording('go-forward-ten-meters.wav');
    await client.speak({ samples: samples.slice(0, 2.2 * sampleRate), sampleRate });
    const interim = await client.next('Results');
    expect(interim).toMatchObject({ is_final: false, speech_final: false });
    expect(transcriptOf(interim)).toMatch(/^go/);
    await client.speak({ samples: samples.slice(2.2 * sampleRate), sampleRate });
    let final = await client.next('Results');
    while (!final['is_final']) final = await client.next('Results');
    expect(transcriptOf(final)).toBe('go forward ten meters');
  });

  it('finishes what was said when the client closes the stream', async () => {
    const client = await openListen(await startForTest());
    const { samples, sampleRate } = readRecording('turn-on-the-light.wav');
    await client.speak({ samples: samples.slice(0, 1.7 * sampleRate), sampleRate });
    client.send({ type: 'CloseStream' });
    expect(transcriptOf(await client.next('Results'))).toBe('turn on the light');
    expect(await client.closed).toEqual({ code: 1000, reason: '' });
    expect(client.types).toEqual(['Results', 'Metadata']);
  });
});

describe('a stream', () => {
  it('tells speech and its end only where asked', async () => {
    const upstreams = await startForTest({ useRecogniser: false });
    const plain = await openListen(upstreams);
    await plain.speak(toneOf(1));
    plain.send({ type: 'CloseStream' });
    await plain.closed;
    expect(plain.types).toEqual(['Results', 'Metadata']);
    const eager = await openListen(upstreams, '&vad_events=true&interim_results=true&utterance_end_ms=1000');
    await eager.speak(toneOf(1));
    eager.send({ type: 'CloseStream' });
    await eager.closed;
    expect(eager.types.filter((type) => type !== 'Results')).toEqual([
      'SpeechStarted',
      'UtteranceEnd',
      'Metadata',
    ]);
    expect(eager.received[0]).toEqual({ type: 'SpeechStarted', channel: [0], timestamp: 0.5 });
  });

  it('without a recogniser tells how long the speech was', async () => {
    const client = await openListen(await startForTest({ useRecogniser: false }));
    await client.speak(toneOf(1));
    expect(transcriptOf(await client.next('Results'))).toBe('[1.5 seconds of speech]');
  });

  it('is summed up at its end', async () => {
    const client = await openListen(await startForTest());
    const { samples } = toneOf(0);
    client.sendBytes(bytesOf(samples));
    client.sendBytes(new Uint8Array(0));
    expect(await client.next('Metadata')).toMatchObject({
      sha256: createHash('sha256').update(bytesOf(samples)).digest('hex'),
      duration: 1.5,
      channels: 1,
      request_id: expect.any(String),
    });
    expect(await client.closed).toEqual({ code: 1000, reason: '' });
  });

  it('is finalized in mid-speech and in silence, and goes on', async () => {
    const client = await openListen(await startForTest({ useRecogniser: false }));
    client.send({ type: 'Finalize' });
    expect(await client.next('Results')).toMatchObject({ from_finalize: true, start: 0, duration: 0 });
    const { samples, sampleRate } = toneOf(1);
    await client.speak({ samples: samples.slice(0, sampleRate), sampleRate });
    client.send({ type: 'Finalize' });
    expect(await client.next('Results')).toMatchObject({ from_finalize: true, is_final: true, start: 0.5 });
    await client.speak(toneOf(1));
    expect(await client.next('Results')).toMatchObject({ from_finalize: false });
  });

  it('tells that it does not understand a message, and goes on', async () => {
    const client = await openListen(await startForTest());
    for (const message of ['not JSON', 'null', { type: 'Settings' }]) {
      client.send(message);
      expect(await client.next('Error')).toMatchObject({ variant: 'SchemaError' });
    }
    client.send({ type: 'KeepAlive' });
    client.send({ type: 'CloseStream' });
    await client.closed;
    expect(client.types.slice(3)).toEqual(['Metadata']);
  });

  it('is closed when its client is silent, but not when it sends KeepAlive', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const client = await openListen(await startForTest());
    for (const message of [{ type: 'KeepAlive' }, 'not JSON']) {
      vi.advanceTimersByTime(9900);
      client.send(message);
      await client.pong();
    }
    await client.next('Error');
    vi.advanceTimersByTime(10_000);
    expect(await client.closed).toMatchObject({ code: 1011, reason: expect.stringContaining('NET-0001') });
  });

  it('is no longer recognised once its client has left', async () => {
    let stopped = (): void => {};
    const hasStopped = new Promise<void>((resolve) => (stopped = resolve));
    const socket = Object.assign(new EventEmitter(), { send: () => {}, close: () => {} });
    const parameters = readListenParameters(new URLSearchParams('encoding=linear16&sample_rate=16000'));
    if (typeof parameters === 'string') throw new Error(parameters);
    const recognise = (_: Int16Array, { signal }: RecogniseOptions): Promise<string> =>
      new Promise(() => {
        signal.addEventListener('abort', stopped);
        socket.emit('close');
      });
    const recogniser = { recognise, close: async () => {} };
    serveListen(socket as unknown as WebSocket, { parameters, recogniser, clientSilenceMs: 10_000 });
    socket.emit('message', Buffer.from(bytesOf(toneOf(1).samples)), true);
    await hasStopped;
  });
});
