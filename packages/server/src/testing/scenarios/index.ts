/** The table of scenarios: each by its name, with what it takes. A choice is a name, a name with parameters, or a function. */
import type { Behaviour, Play, Respond } from './behaviour.ts';
import { closesButStays, closeWith, type CloseWithParameters } from './endings.ts';
import { type EndingParameters, halfClose, neverCloses, readsNothing, stalls } from './endings.ts';
import { htmlError, type HtmlErrorParameters, rawAnswer, type RawAnswerParameters } from './openings.ts';
import { redirect, type RedirectParameters, refuse, type RefuseParameters } from './openings.ts';
import { selectsKey, selectsNothing, selectsUnoffered, silent } from './openings.ts';
import { slowOpen, type SlowOpenParameters } from './openings.ts';
import { flood, type FloodParameters, keyInFrame, type KeyInFrameParameters } from './payloads.ts';
import { oversize, type OversizeParameters, rubbish, type RubbishParameters } from './payloads.ts';
import { dropAfter, type DropAfterParameters, echo, happyTurn } from './turns.ts';
import { slowStream, type SlowStreamParameters, type TurnParameters } from './turns.ts';

type NoParameters = Readonly<Record<never, never>>;

/** What each scenario takes; everything has a default. */
export interface ScenarioParameters {
  readonly happyTurn: TurnParameters;
  readonly echo: NoParameters;
  readonly dropAfter: DropAfterParameters;
  readonly slowStream: SlowStreamParameters;
  readonly silent: NoParameters;
  readonly slowOpen: SlowOpenParameters;
  readonly refuse: RefuseParameters;
  readonly htmlError: HtmlErrorParameters;
  readonly redirect: RedirectParameters;
  readonly rawAnswer: RawAnswerParameters;
  readonly selectsKey: NoParameters;
  readonly selectsNothing: NoParameters;
  readonly selectsUnoffered: NoParameters;
  readonly closeWith: CloseWithParameters;
  readonly closesButStays: CloseWithParameters;
  readonly halfClose: EndingParameters;
  readonly stalls: EndingParameters;
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
  happyTurn: row(happyTurn, 'Converses, transcribes or answers as the vendor does.'),
  echo: row(echo, 'Sends every frame, or the body of a call, back as it came.'),
  dropAfter: row(dropAfter, 'Resets the connection in the middle of an answer.'),
  slowStream: row(slowStream, 'Sends its answer part by part, each after a wait.'),
  silent: row(silent, 'Takes the request and never answers it.'),
  slowOpen: row(slowOpen, 'Answers the request when released.'),
  refuse: row(refuse, 'Answers with an HTTP status and a body that holds the secret.'),
  htmlError: row(htmlError, 'Answers with an HTTP error whose body is a page instead of JSON.'),
  redirect: row(redirect, 'Answers with a redirect.'),
  rawAnswer: row(rawAnswer, 'Answers with bytes that are not HTTP.'),
  selectsKey: row(selectsKey, 'Selects the secret itself as the subprotocol.'),
  selectsNothing: row(selectsNothing, 'Accepts without selecting a subprotocol.'),
  selectsUnoffered: row(selectsUnoffered, 'Selects a subprotocol that nobody has offered.'),
  closeWith: row(closeWith, 'Sends a close frame with any code and reason.'),
  closesButStays: row(closesButStays, 'Sends a close frame and keeps its connection open.'),
  halfClose: row(
    halfClose,
    'Ends its side without a close frame, or in the middle of a body, and goes on reading.',
  ),
  stalls: row(stalls, 'Stops in the middle of a frame or of a body until released.'),
  neverCloses: row(neverCloses, 'Leaves close frames unanswered, and the answers to calls without an end.'),
  readsNothing: row(readsNothing, 'Opens and never reads.'),
  flood: row(flood, 'Sends frames, or a body, as fast as the connection takes them.'),
  oversize: row(oversize, 'Sends one enormous message or body with its length announced.'),
  rubbish: row(rubbish, 'Sends bytes that are not legal frames, or not a legal body.'),
  keyInFrame: row(keyInFrame, 'Sends a message or an answer that holds the secret.'),
};

/** What replaces a part of a scenario. */
export interface ScenarioChanges {
  /** In place of what it does once a session is open. */
  readonly play?: Play;
  /** In place of what it answers to a call. */
  readonly respond?: Respond;
}

/** A scenario with parameters, as plain data, and with changes. */
export type ScenarioSpec = {
  [Name in ScenarioName]: { readonly name: Name } & ScenarioChanges & ScenarioParameters[Name];
}[ScenarioName];

/** A name, a name with parameters, or what to do once the session is open. */
export type ScenarioChoice = ScenarioName | ScenarioSpec | Play;

/** The behaviour that a choice stands for. Throws a TypeError for a name that is not in the table. */
export function behaviourOf(choice: ScenarioChoice): Behaviour {
  if (typeof choice === 'function') return { play: choice, judgesFrames: false };
  const { name, play, respond, ...parameters } = typeof choice === 'string' ? specOf(choice) : choice;
  const found = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (!found) throw new TypeError(`there is no scenario named ${String(name)}`);
  const behaviour = (found as ScenarioRow<object>).behave(parameters);
  return { ...behaviour, ...(play ? { play } : {}), ...(respond ? { respond } : {}) };
}

const specOf = (name: ScenarioName): { name: ScenarioName } & ScenarioChanges => ({ name });
