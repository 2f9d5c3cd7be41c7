/** The table of scenarios: each by its name, with what it takes. A choice is a name, a name with parameters, or a function. */
import type { Behaviour, Play } from './behaviour.ts';
import { closesButStays, closeWith, type CloseWithParameters } from './endings.ts';
import { type EndingParameters, halfClose, neverCloses, readsNothing } from './endings.ts';
import { rawAnswer, type RawAnswerParameters, redirect, type RedirectParameters } from './openings.ts';
import { refuse, type RefuseParameters, selectsKey, selectsNothing, silent } from './openings.ts';
import { slowOpen, type SlowOpenParameters } from './openings.ts';
import { flood, type FloodParameters, keyInFrame, type KeyInFrameParameters } from './payloads.ts';
import { oversize, type OversizeParameters, rubbish, type RubbishParameters } from './payloads.ts';
import { dropAfter, type DropAfterParameters, echo, happyTurn, type TurnParameters } from './turns.ts';

type NoParameters = Readonly<Record<never, never>>;

/** What each scenario takes; everything has a default. */
export interface ScenarioParameters {
  readonly happyTurn: TurnParameters;
  readonly echo: NoParameters;
  readonly dropAfter: DropAfterParameters;
  readonly silent: NoParameters;
  readonly slowOpen: SlowOpenParameters;
  readonly refuse: RefuseParameters;
  readonly redirect: RedirectParameters;
  readonly rawAnswer: RawAnswerParameters;
  readonly selectsKey: NoParameters;
  readonly selectsNothing: NoParameters;
  readonly closeWith: CloseWithParameters;
  readonly closesButStays: CloseWithParameters;
  readonly halfClose: EndingParameters;
  readonly neverCloses: NoParameters;
  readonly readsNothing: NoParameters;
  readonly flood: FloodParameters;
  readonly oversize: OversizeParameters;
  readonly rubbish: RubbishParameters;
  readonly keyInFrame: KeyInFrameParameters;
}

export type ScenarioName = keyof ScenarioParameters;

export interface ScenarioRow<Parameters> {
  /** One sentence for people who choose. */
  readonly summary: string;
  readonly behave: (parameters: Parameters) => Behaviour;
}

const row = <P>(behave: (parameters: P) => Behaviour, summary: string): ScenarioRow<P> => ({
  summary,
  behave,
});

/** Every scenario that a mock upstream can play. */
export const SCENARIOS: { readonly [Name in ScenarioName]: ScenarioRow<ScenarioParameters[Name]> } = {
  happyTurn: row(happyTurn, 'Greets, applies settings, and answers text or audio with text and audio.'),
  echo: row(echo, 'Sends every frame back as it came.'),
  dropAfter: row(dropAfter, 'Resets the connection in the middle of an answer.'),
  silent: row(silent, 'Takes the upgrade and never answers it.'),
  slowOpen: row(slowOpen, 'Answers the upgrade when released.'),
  refuse: row(refuse, 'Answers the upgrade with an HTTP status and a body that holds the secret.'),
  redirect: row(redirect, 'Answers the upgrade with a redirect.'),
  rawAnswer: row(rawAnswer, 'Answers the upgrade with bytes that are not HTTP.'),
  selectsKey: row(selectsKey, 'Selects the secret itself as the subprotocol.'),
  selectsNothing: row(selectsNothing, 'Accepts without selecting a subprotocol.'),
  closeWith: row(closeWith, 'Sends a close frame with any code and reason.'),
  closesButStays: row(closesButStays, 'Sends a close frame and keeps its connection open.'),
  halfClose: row(halfClose, 'Ends its side without a close frame and goes on reading.'),
  neverCloses: row(neverCloses, 'Leaves close frames unanswered.'),
  readsNothing: row(readsNothing, 'Opens and never reads.'),
  flood: row(flood, 'Sends binary frames as fast as the connection takes them.'),
  oversize: row(oversize, 'Sends one enormous message.'),
  rubbish: row(rubbish, 'Sends bytes that are not legal frames.'),
  keyInFrame: row(keyInFrame, 'Sends a message that holds the secret.'),
};

/** A scenario with parameters, as plain data; `play` replaces what it does once the session is open. */
export type ScenarioSpec = {
  [Name in ScenarioName]: { readonly name: Name; readonly play?: Play } & ScenarioParameters[Name];
}[ScenarioName];

/** A name, a name with parameters, or what to do once the session is open. */
export type ScenarioChoice = ScenarioName | ScenarioSpec | Play;

/** The behaviour that a choice stands for. Throws a TypeError for a name that is not in the table. */
export function behaviourOf(choice: ScenarioChoice): Behaviour {
  if (typeof choice === 'function') return { play: choice, judgesFirstFrame: false };
  const { name, play, ...parameters } =
    typeof choice === 'string' ? { name: choice, play: undefined } : choice;
  const found = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (!found) throw new TypeError(`there is no scenario named ${String(name)}`);
  const behaviour = (found as ScenarioRow<object>).behave(parameters);
  return play ? { ...behaviour, play } : behaviour;
}
