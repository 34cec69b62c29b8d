import type { RoleClaim } from "./role-claim.ts";

type Step = (value: unknown) => unknown;

interface Form {
  readonly pattern: RegExp;
  readonly step: (match: RegExpExecArray) => Step;
  /** Nothing may follow it. */
  readonly isLast?: true;
}

/** Which texts of a list are meant, by the operator. */
const FILTERS: Readonly<Record<string, (text: string, operand: string) => boolean>> = {
  "==": (text, operand) => text === operand,
  "!=": (text, operand) => text !== operand,
  "^==": (text, operand) => text.startsWith(operand),
  "==^": (text, operand) => text.endsWith(operand),
  "*==": (text, operand) => text.includes(operand),
};

const FORMS: readonly Form[] = [
  { pattern: /\.(?:([\p{L}\p{N}_$@]+)|"([^"]*)")/uy, step: ([, bare, quoted]) => member(bare ?? quoted ?? "") },
  { pattern: /\[(\d+)\]/y, step: ([, index]) => element(Number(index)) },
  { pattern: /\[\?\(@\s*(==\^|==|!=|\^==|\*==)\s*"([^"]*)"\)\]/y, step: ([, operator, operand]) => firstOf(FILTERS[operator!]!, operand!), isLast: true },
];

/**
 * PostgREST's own path language up to version 14: `.a."b c"[0]`, and at its end a filter such as `[?(@ ^== "x")]`.
 * https://docs.postgrest.org/en/v14/references/auth.html#jwt-role-extraction
 *
 * @returns undefined where it is no such path
 */
export function compileLegacyPath(path: string): RoleClaim | undefined {
  const steps: Step[] = [];
  let at = 0;
  let isOver = false;
  while (at < path.length && !isOver) {
    const found = formAt(path, at);
    if (found === undefined) return undefined;
    steps.push(found.form.step(found.match));
    at += found.match[0].length;
    isOver = found.form.isLast ?? false;
  }
  if (at < path.length || steps.length === 0) return undefined;
  return (claims) => steps.reduce<unknown>((value, step) => step(value), claims);
}

function formAt(path: string, at: number): { readonly form: Form; readonly match: RegExpExecArray } | undefined {
  for (const form of FORMS) {
    const pattern = new RegExp(form.pattern);
    pattern.lastIndex = at;
    const match = pattern.exec(path);
    if (match) return { form, match };
  }
  return undefined;
}

const member = (name: string): Step => (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;

const element = (index: number): Step => (value) => (Array.isArray(value) ? value[index] : undefined);

const firstOf = (matches: (text: string, operand: string) => boolean, operand: string): Step => (value) =>
  Array.isArray(value) ? value.find((item) => typeof item === "string" && matches(item, operand)) : undefined;
