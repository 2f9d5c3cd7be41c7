/** What the local agent understands and answers: one table for the recogniser's grammar and the replies. Recognises and speaks nothing itself. */

interface Command {
  /** Words in lower case; `<way>` and `<number>` stand for one of WORD_LISTS. */
  phrase: string;
  reply: (words: readonly string[], now: Date) => string;
}

const WORD_LISTS: Readonly<Record<string, readonly string[]>> = {
  way: ['forward', 'backward'],
  number: ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'],
};

const STORY =
  'Once upon a time there was a small computer that had learned to speak. It told the time to everybody who asked. ' +
  'It turned the light on in the evening, and off again at night. One day somebody asked it to stop, in the middle of a ' +
  'long story, and it did so at once. From that day on, everybody liked to talk to it. The end.';

const COMMANDS: readonly Command[] = [
  { phrase: 'turn on the light', reply: () => 'The light is on.' },
  { phrase: 'turn off the light', reply: () => 'The light is off.' },
  { phrase: 'what time is it', reply: (_, now) => `It is ${clockTime(now)}.` },
  { phrase: 'play some music', reply: () => 'I would, but I can only speak. La la la.' },
  { phrase: 'stop the music', reply: () => 'The music has stopped.' },
  { phrase: 'what is the weather', reply: () => 'I have no window, so I hope that it is sunny.' },
  { phrase: 'tell me a joke', reply: () => 'Why did the computer catch a cold? It left a window open.' },
  { phrase: 'tell me a story', reply: () => STORY },
  { phrase: 'hello', reply: () => 'Hello! What can I do for you?' },
  { phrase: 'goodbye', reply: () => 'Goodbye! It was nice to talk to you.' },
  { phrase: 'go <way> <number> meters', reply: (words) => `I go ${words.slice(1).join(' ')}.` },
];

/** The grammar of all commands in JSGF, the format that PocketSphinx reads. */
export function toJsgf(): string {
  const lists = Object.entries(WORD_LISTS).map(([name, words]) => `<${name}> = ${words.join(' | ')};`);
  const phrases = COMMANDS.map((command) => command.phrase).join(' | ');
  return [
    '#JSGF V1.0;',
    'grammar commands;',
    `public <command> = [please] (${phrases}) [please];`,
    ...lists,
    '',
  ].join('\n');
}

/** What to answer to `text`, in words that can be spoken. An unknown text is repeated, with a hint. */
export function replyTo(text: string, now: Date): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z ]+/g, ' ')
    .replace(/\bplease\b/g, ' ');
  const words = plain.split(' ').filter((word) => word !== '');
  const command = COMMANDS.find(({ phrase }) => fits(phrase.split(' '), words));
  if (command) return command.reply(words, now);
  if (words.length === 0) return 'Sorry, I did not understand that. You can say: turn on the light.';
  return `I heard: ${text.slice(0, 200)}. I know only a few commands. You can say: turn on the light.`;
}

function fits(phrase: readonly string[], words: readonly string[]): boolean {
  return (
    phrase.length === words.length &&
    phrase.every((part, i) => part === words[i] || WORD_LISTS[part.slice(1, -1)]?.includes(words[i] ?? ''))
  );
}

function clockTime(now: Date): string {
  const hours = now.getHours() % 12 || 12;
  const minutes = now.getMinutes();
  const dayPart =
    now.getHours() < 12 ? 'in the morning' : now.getHours() < 18 ? 'in the afternoon' : 'in the evening';
  if (minutes === 0) return `${hours} o'clock ${dayPart}`;
  return `${hours} ${minutes < 10 ? `oh ${minutes}` : minutes} ${dayPart}`;
}
