/** URLs with `{name}` in them: which names there are, and what may be filled in. Nothing that is filled in ends a host or a path segment. */
import type { UrlVariable } from './preset.ts';

const MARK = /\{([A-Za-z][A-Za-z0-9_]*)\}/g;

/** Of a resource, a region, a voice, a model. Dots alone would mean another path (RFC 3986 5.2.4). */
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;

export function isName(text: string): boolean {
  return NAME.test(text);
}

/** The variables in a template, in order. */
export function variablesIn(template: string): string[] {
  return [...template.matchAll(MARK)].map((match) => match[1] as string);
}

/** The template with one variable filled in everywhere. */
export function fillVariable(template: string, name: string, text: string): string {
  return template.replaceAll(`{${name}}`, () => text);
}

/** What a value becomes in the URL; undefined when it may not stand there. Without a value the default counts. */
export function valueOf(variable: UrlVariable, value: string | undefined): string | undefined {
  const wanted = value ?? variable.default;
  if (wanted === undefined || !isName(wanted)) return undefined;
  if (!variable.values) return wanted;
  return Object.hasOwn(variable.values, wanted) ? variable.values[wanted] : undefined;
}
