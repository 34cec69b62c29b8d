/**
 * Where a parameter of a known statement comes from: a number is the place of a value that was cut out of the query,
 * `BODY` the request's body; a text or null is the same in every such request.
 */
export type Slot = number | string | null;

export const BODY = -1;

/** Stands for a value while the statement's parameters are looked for. Left alone by percent encoding. */
export const markerOf = (index: number): string => `~plinth-slot-${index}~`;

const MARKER = /~plinth-slot-(\d+)~/;

/** What one request's values were, and its parameters. */
export interface Sample {
  readonly values: readonly string[];
  readonly body: string | undefined;
  readonly parameters: ReadonlyArray<string | null>;
}

/**
 * Finds out by two requests of one shape where their parameters come from.
 *
 * @param marked has markers for values, and another body than `seen`
 * @returns undefined where a parameter is made of a value rather than being it
 */
export function findSlots(seen: Sample, marked: Sample): readonly Slot[] | undefined {
  if (seen.parameters.length !== marked.parameters.length) return undefined;
  const slots = marked.parameters.map((text, index) => slotOf(text, seen.parameters[index] ?? null, seen, marked));
  return slots.includes(undefined) ? undefined : (slots as Slot[]);
}

function slotOf(text: string | null, before: string | null, seen: Sample, marked: Sample): Slot | undefined {
  if (text === null) return before === null ? null : undefined;
  if (text === marked.body) return before === seen.body ? BODY : undefined;
  const place = marked.values.indexOf(text);
  if (place >= 0) return before === seen.values[place] ? place : undefined;
  return text === before && !MARKER.test(text) ? text : undefined;
}

/** The parameters of a request with these values. */
export function fillSlots(slots: readonly Slot[], values: readonly string[], body: string | undefined): Array<string | null> {
  return slots.map((slot) => (typeof slot === "number" ? ((slot === BODY ? body : values[slot]) ?? null) : slot));
}

/** A text made of constant parts and, at the even places between them, values. */
export type TextTemplate = ReadonlyArray<string | number>;

/** @param marked a text with markers */
export const textTemplate = (marked: string): TextTemplate => marked.split(MARKER).map((part, index) => (index % 2 === 0 ? part : Number(part)));

export function fillText(template: TextTemplate, textOf: (place: number) => string): string {
  let text = "";
  for (const part of template) text += typeof part === "number" ? textOf(part) : part;
  return text;
}
