/** What clients ask of Claude, from a parsed body to a prompt: the free question, and the analytics query by its template. */
import type { ClaudeSettings } from './claude-options.ts';
import { toMarkedJson } from './marked-json.ts';
import { badRequest, HttpFault, rowFault } from './fault.ts';
import { fieldFault, fillTemplate } from './templates.ts';

/** What is asked of the model. */
export interface Prompt {
  readonly text: string;
  readonly model: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly isStreamed: boolean;
  /** Fields that the answer repeats. */
  readonly echo: Readonly<Record<string, string>>;
}

type Body = Readonly<Record<string, unknown>>;
export type ReadPrompt = (settings: ClaudeSettings, body: Body) => Prompt;

/** `{question, context}`. @throws HttpFault naming what is missing or wrong. */
export const readQuestion: ReadPrompt = (settings, body) => {
  need(body, ['question', 'context']);
  const { question, context } = body;
  const isQuestion =
    typeof question === 'string' &&
    question.trim() !== '' &&
    question.length <= settings.numbers.maxQuestionLength;
  const wrong = [...(isQuestion ? [] : ['question']), ...(isObject(context) ? [] : ['context'])];
  if (wrong.length > 0) throw fieldFault('Invalid fields', wrong);
  const text = `${toMarkedJson('data', context as object)}\n\nQuestion: ${question as string}`;
  return { text, echo: {}, ...readWishes(settings, body) };
};

/** `{query_type, parameters}`. @throws HttpFault naming what is missing or wrong. */
export const readAnalytics: ReadPrompt = (settings, body) => {
  need(body, ['query_type', 'parameters']);
  const { query_type: type, parameters } = body;
  const isKnown = typeof type === 'string' && Object.hasOwn(settings.templates, type);
  const template = isKnown ? settings.templates[type] : undefined;
  if (!isKnown || !template) throw unknownType(Object.keys(settings.templates));
  if (!isObject(parameters)) throw fieldFault('Invalid fields', ['parameters']);
  return {
    text: fillTemplate(template, parameters),
    echo: { query_type: type },
    ...readWishes(settings, body),
  };
};

function need(body: Body, names: readonly string[]): void {
  if (Object.keys(body).length === 0) throw badRequest('Request body must be JSON');
  const missing = names.filter((name) => !Object.hasOwn(body, name));
  if (missing.length > 0) throw fieldFault('Missing required fields', missing);
}

function unknownType(allowed: readonly string[]): HttpFault {
  const message = `The query type must be one of ${allowed.join(', ')}.`;
  const more = { allowed_types: allowed };
  return new HttpFault({ status: 400, error: 'Invalid query type', message, more, why: 'query type' });
}

/** What a client may wish for, within the operator's limits. */
function readWishes(
  { model, models, numbers }: ClaudeSettings,
  body: Body,
): Pick<Prompt, 'model' | 'maxTokens' | 'temperature' | 'isStreamed'> {
  const { model: asked = model, max_tokens: tokens = numbers.maxTokens } = body;
  const { temperature = numbers.temperature, stream = false } = body;
  const isNumberOfTokens = Number.isInteger(tokens) && Number(tokens) > 0;
  const isTemperature = typeof temperature === 'number' && temperature >= 0;
  const wrong = [
    ...(isNumberOfTokens ? [] : ['max_tokens']),
    ...(isTemperature ? [] : ['temperature']),
    ...(typeof stream === 'boolean' ? [] : ['stream']),
  ];
  if (wrong.length > 0) throw fieldFault('Invalid fields', wrong);
  const chosen = typeof asked === 'string' ? models.get(asked) : undefined;
  if (chosen === undefined) throw new HttpFault(rowFault('PolicyViolation', 'model'));
  return {
    model: chosen,
    maxTokens: Math.min(Number(tokens), numbers.maxTokens),
    temperature: Math.min(Number(temperature), numbers.maxTemperature),
    isStreamed: stream === true,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
