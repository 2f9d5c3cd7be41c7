import { describe, expect, it } from 'vitest';
import { replyTo, toJsgf } from './commands.ts';

const at = (hours: number, minutes: number): Date => new Date(2026, 0, 5, hours, minutes);

describe('the reply book', () => {
  it.each([
    ['turn on the light', 'The light is on.'],
    ['Please, turn ON the light!', 'The light is on.'],
    ['go forward ten meters', 'I go forward ten meters.'],
    ['go backward one meters please', 'I go backward one meters.'],
    ['', 'Sorry, I did not understand that. You can say: turn on the light.'],
    [
      'go sideways ten meters',
      'I heard: go sideways ten meters. I know only a few commands. You can say: turn on the light.',
    ],
    ['turn on', 'I heard: turn on. I know only a few commands. You can say: turn on the light.'],
  ])('answers %j', (text, reply) => {
    expect(replyTo(text, at(9, 0))).toBe(reply);
  });

  it.each([
    [at(0, 0), "It is 12 o'clock in the morning."],
    [at(9, 5), 'It is 9 oh 5 in the morning.'],
    [at(12, 30), 'It is 12 30 in the afternoon.'],
    [at(23, 59), 'It is 11 59 in the evening.'],
  ])('tells the time so that it can be spoken', (now, reply) => {
    expect(replyTo('what time is it', now)).toBe(reply);
  });

  it('cuts what it repeats', () => {
    expect(replyTo('word '.repeat(1000), at(9, 0)).length).toBeLessThan(300);
  });
});

describe('the grammar', () => {
  it('holds every command', () => {
    expect(toJsgf()).toContain('public <command> = [please] (turn on the light | ');
    expect(toJsgf()).toContain('go <way> <number> meters');
    expect(toJsgf()).toContain('<way> = forward | backward;\n');
  });
});
