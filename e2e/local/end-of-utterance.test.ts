import { describe, expect, it } from 'vitest';
import { EndOfUtterance } from './end-of-utterance.ts';
import type { EndOfUtteranceOptions, SpeechEvent } from './end-of-utterance.ts';
import { joinSamples } from './pcm16.ts';

const RATE = 16_000;

/** Seconds of sound at an amplitude, the same at every run. */
type Sound = readonly [seconds: number, amplitude: number];

const noise = ([seconds, amplitude]: Sound): Int16Array => {
  let state = 1;
  return Int16Array.from({ length: seconds * RATE }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.round(amplitude * (state / 2 ** 31 - 1));
  });
};

function hear(sounds: readonly Sound[], options: Partial<EndOfUtteranceOptions> = {}): SpeechEvent[] {
  return new EndOfUtterance({ sampleRate: RATE, ...options }).push(joinSamples(sounds.map(noise)));
}

const told = (events: SpeechEvent[]): string[] =>
  events.map((event) => (event.kind === 'end' ? event.why : 'start'));

const SPEECH = 6000;
const ROOM = 60;

describe('the end of an utterance', () => {
  it.each<[string, Sound[], string[]]>([
    ['silence', [[5, 0]], []],
    ['a quiet room', [[5, ROOM]], []],
    ['a loud fan from the first moment', [[5, 500]], []],
    [
      'a click',
      [
        [1, ROOM],
        [0.05, 20_000],
        [2, ROOM],
      ],
      [],
    ],
    [
      'clicks apart',
      [
        [1, ROOM],
        [0.05, 9000],
        [0.3, ROOM],
        [0.05, 9000],
        [2, ROOM],
      ],
      [],
    ],
    [
      'speech and no silence yet',
      [
        [1, ROOM],
        [1, SPEECH],
        [0.6, ROOM],
      ],
      ['start'],
    ],
    [
      'speech and silence',
      [
        [1, ROOM],
        [1, SPEECH],
        [0.8, ROOM],
      ],
      ['start', 'silence'],
    ],
    [
      'speech from the first moment',
      [
        [1, SPEECH],
        [0.8, 0],
      ],
      ['start', 'silence'],
    ],
    [
      'speech beside a fan',
      [
        [1, 500],
        [1, SPEECH],
        [0.8, 500],
      ],
      ['start', 'silence'],
    ],
    [
      'a pause within a sentence',
      [
        [1, ROOM],
        [1, SPEECH],
        [0.6, ROOM],
        [1, SPEECH],
        [0.8, ROOM],
      ],
      ['start', 'silence'],
    ],
    [
      'two sentences',
      [
        [1, ROOM],
        [1, SPEECH],
        [1, ROOM],
        [1, SPEECH],
        [1, ROOM],
      ],
      ['start', 'silence', 'start', 'silence'],
    ],
    [
      'a click after a sentence',
      [
        [1, ROOM],
        [1, SPEECH],
        [0.4, ROOM],
        [0.02, SPEECH],
        [0.4, ROOM],
      ],
      ['start', 'silence'],
    ],
    [
      'a fan switched on and left on',
      [
        [1, 10],
        [9, 1500],
      ],
      ['start', 'silence'],
    ],
  ])('is found right in %s', (_, sounds, expected) => {
    expect(told(hear(sounds))).toEqual(expected);
  });

  it('gives the whole utterance with a little before and after it', () => {
    const [start, end] = hear([
      [1, ROOM],
      [1, SPEECH],
      [2, ROOM],
    ]);
    if (start?.kind !== 'start' || end?.kind !== 'end') throw new Error('no utterance');
    expect(start.atSample).toBe(RATE);
    expect(end.startSample).toBe(RATE);
    expect(end.samples).toEqual(
      joinSamples(
        [
          [1, ROOM],
          [1, SPEECH],
          [2, ROOM],
        ].map((s) => noise(s as never)),
      ).slice(0.75 * RATE, 2.25 * RATE),
    );
  });

  it('says the same in whatever pieces and at whatever rate the audio comes', () => {
    const all = joinSamples([noise([1, ROOM]), noise([1, SPEECH]), noise([1, ROOM])]);
    const whole = new EndOfUtterance({ sampleRate: RATE }).push(all);
    for (const size of [1, 7, 160, 320, 8192]) {
      const detector = new EndOfUtterance({ sampleRate: RATE });
      const events: SpeechEvent[] = [];
      for (let at = 0; at < all.length; at += size)
        events.push(...detector.push(all.subarray(at, at + size)));
      expect(events, `pieces of ${size}`).toEqual(whole);
    }
  });

  it('comes at the longest length at the latest, and speech goes on in a new one', () => {
    const events = hear(
      [
        [1, ROOM],
        [2.5, SPEECH],
        [1, ROOM],
      ],
      { maxUtteranceMs: 1000 },
    );
    expect(told(events).slice(0, 3)).toEqual(['start', 'longest', 'start']);
    expect(events.every((event) => event.kind === 'start' || event.samples.length <= RATE)).toBe(true);
  });

  it.each([
    [
      { silenceMs: 300 },
      [
        [1, ROOM],
        [1, SPEECH],
        [0.4, ROOM],
      ],
      ['start', 'silence'],
    ],
    [
      { minSpeechMs: 200 },
      [
        [1, ROOM],
        [0.15, SPEECH],
        [1, ROOM],
      ],
      [],
    ],
  ] as [object, Sound[], string[]][])('follows the options %o', (options, sounds, expected) => {
    expect(told(hear(sounds, options))).toEqual(expected);
  });

  it('comes at once when flushed, and only in an utterance', () => {
    const detector = new EndOfUtterance({ sampleRate: RATE });
    expect(detector.flush()).toEqual([]);
    detector.push(joinSamples([noise([1, ROOM]), noise([0.5, SPEECH])]));
    expect(detector.isSpeaking).toBe(true);
    expect(detector.soFar().length).toBe(0.75 * RATE);
    expect(told(detector.flush())).toEqual(['flushed']);
    expect(detector.isSpeaking).toBe(false);
    expect(detector.soFar()).toHaveLength(0);
  });
});
