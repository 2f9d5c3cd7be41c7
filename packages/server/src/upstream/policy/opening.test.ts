import { describe, expect, it } from 'vitest';
import { Opening } from './opening.ts';

const ANSWERS = { taken: ['taken'], refused: ['error'] };
const opening = (answers?: typeof ANSWERS): Opening => new Opening({ types: ['hello', 'hi'], answers });

/** Whether the wait for an answer is over. */
async function isAnswered(one: Opening): Promise<boolean> {
  return Promise.race([one.answered().then(() => true), Promise.resolve().then(() => false)]);
}

describe('a session that has to open with a message', () => {
  it('is open from the start without a rule', () => {
    const one = new Opening(undefined);
    expect([one.isOpen, one.mayCome('say'), one.mayCome(undefined)]).toEqual([true, true, true]);
  });

  it('lets nothing else come first, and is open once it is sent where no answer is known', () => {
    const one = opening();
    expect(['hello', 'hi', 'say', undefined].map((type) => one.mayCome(type))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(one.expected).toBe('hello or hi');
    one.sent();
    expect([one.isOpen, one.isOwed, one.isListening, one.mayCome('say')]).toEqual([true, false, false, true]);
  });

  it('is open when the provider has taken the message', async () => {
    const one = opening(ANSWERS);
    one.heard('taken');
    expect(one.isOpen).toBe(false);
    one.sent();
    one.heard('greeting');
    one.heard(undefined);
    expect([one.isOpen, one.isOwed, await isAnswered(one)]).toEqual([false, true, false]);
    const answered = one.answered();
    one.heard('taken');
    await answered;
    expect([one.isOpen, one.isOwed, one.isListening]).toEqual([true, false, false]);
    one.heard('error');
    expect(one.isOpen).toBe(true);
  });

  it('is not open when the provider has refused it, until it takes another', async () => {
    const one = opening(ANSWERS);
    one.sent();
    one.heard('error');
    expect([one.isOpen, one.isOwed, one.mayCome('say'), await isAnswered(one)]).toEqual([
      false,
      false,
      false,
      true,
    ]);
    one.sent();
    one.heard('taken');
    expect(one.isOpen).toBe(true);
  });

  it('is opened by an answer for which nobody waited any more', () => {
    const one = opening(ANSWERS);
    one.sent();
    one.giveUp();
    expect([one.isOpen, one.isOwed]).toEqual([false, false]);
    one.heard('taken');
    expect(one.isOpen).toBe(true);
  });
});
