/** What a template may name: `{{ .Email }}`, `{{ .Data.first_name }}`. */
export type TemplateVariables = Readonly<Record<string, unknown>>;

/** A parsed template. `escape` is applied to values, not to the template's own text. */
export type Template = (variables: TemplateVariables, escape: (text: string) => string) => string;

/** A template that is not in the part of Go's language that is understood here. */
export class TemplateSyntaxError extends Error {}

type Expression = (variables: TemplateVariables) => unknown;

const ACTION = /\{\{(- )?([\s\S]*?)( -)?\}\}/g;
const TERM = /"(?:[^"\\]|\\.)*"|`[^`]*`|\$?\.[\w.]*|[A-Za-z_]\w*|-?\d+(?:\.\d+)?|\S/g;

/**
 * The part of Go's text/template that mails use: variables (those that there are not are empty), `if`, `else if`, `else`,
 * `end`, `eq`, `ne`, `and`, `or`, `not`, `index`, comments, and `{{-`, `-}}`.
 *
 * https://pkg.go.dev/text/template
 * @throws TemplateSyntaxError for anything else
 */
export function parseTemplate(source: string): Template {
  const parser = new Parser(tokenize(source));
  const template = parser.block();
  parser.expectEnd();
  return template;
}

type Token = { readonly text: string } | { readonly action: string };

function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trimNext = false;
  const addText = (text: string, trimEnd: boolean): void => {
    const begun = trimNext ? text.trimStart() : text;
    tokens.push({ text: trimEnd ? begun.trimEnd() : begun });
  };
  for (const match of source.matchAll(ACTION)) {
    addText(source.slice(at, match.index), match[1] !== undefined);
    const action = (match[2] ?? "").trim();
    if (!/^\/\*[\s\S]*\*\/$/.test(action)) tokens.push({ action });
    trimNext = match[3] !== undefined;
    at = match.index + match[0].length;
  }
  addText(source.slice(at), false);
  if (tokens.some((token) => "text" in token && token.text.includes("{{"))) throw new TemplateSyntaxError("An action is not closed: {{ without }}");
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** Up to the `else` or `end` that isn't its own. */
  block(): Template {
    const parts: Template[] = [];
    for (let token = this.#tokens[this.#next]; token !== undefined; token = this.#tokens[this.#next]) {
      if ("text" in token) {
        const { text } = token;
        parts.push(() => text);
      } else if (/^(else|end)\b/.test(token.action)) {
        break;
      } else if (/^if\b/.test(token.action)) {
        parts.push(this.#condition(token.action.slice(2)));
        continue;
      } else {
        const value = parseExpression(token.action);
        parts.push((variables, escape) => escape(toText(value(variables))));
      }
      this.#next++;
    }
    return (variables, escape) => parts.map((part) => part(variables, escape)).join("");
  }

  expectEnd(): void {
    if (this.#next < this.#tokens.length) throw new TemplateSyntaxError("An {{ else }} or {{ end }} belongs to no {{ if }}");
  }

  #condition(text: string): Template {
    const condition = parseExpression(text);
    this.#next++;
    const then = this.block();
    const otherwise = this.#otherwise();
    return (variables, escape) => (isTrue(condition(variables)) ? then : otherwise)(variables, escape);
  }

  /** What follows the first block of a condition, its `end` included. */
  #otherwise(): Template {
    const token = this.#tokens[this.#next];
    if (token === undefined || !("action" in token)) throw new TemplateSyntaxError("An {{ if }} has no {{ end }}");
    const further = /^else\s+if\b([\s\S]*)$/.exec(token.action)?.[1];
    if (further !== undefined) return this.#condition(further);
    this.#next++;
    if (token.action === "end") return () => "";
    if (token.action !== "else") throw new TemplateSyntaxError(`Not understood: {{ ${token.action} }}`);
    const block = this.block();
    const last = this.#tokens[this.#next++];
    if (last === undefined || !("action" in last) || last.action !== "end") throw new TemplateSyntaxError("An {{ else }} has no {{ end }}");
    return block;
  }
}

const FUNCTIONS: Readonly<Record<string, (...values: readonly unknown[]) => unknown>> = {
  eq: (first, ...others) => others.some((other) => toText(other) === toText(first)),
  ne: (first, second) => toText(first) !== toText(second),
  and: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (...values) => values.find(isTrue) ?? values.at(-1),
  not: (value) => !isTrue(value),
  index: (value, ...keys) => keys.reduce<unknown>((found, key) => fieldOf(found, toText(key)), value),
};

function parseExpression(text: string): Expression {
  const [first = "", ...others] = text.match(TERM) ?? [];
  const call = Object.hasOwn(FUNCTIONS, first) ? FUNCTIONS[first] : undefined;
  if (call === undefined && others.length === 0 && first !== "") return parseTerm(first, text);
  if (call === undefined || others.length === 0) throw new TemplateSyntaxError(`Not understood: {{ ${text.trim()} }}`);
  const values = others.map((term) => parseTerm(term, text));
  return (variables) => call(...values.map((value) => value(variables)));
}

function parseTerm(term: string, text: string): Expression {
  if (/^\$?\./.test(term)) {
    const path = term.replace(/^\$?\./, "").split(".").filter(Boolean);
    return (variables) => path.reduce<unknown>(fieldOf, variables);
  }
  if (term.startsWith("`")) return () => term.slice(1, -1);
  if (/^["\d-]/.test(term) || term === "true" || term === "false") {
    const value: unknown = JSON.parse(term);
    return () => value;
  }
  throw new TemplateSyntaxError(`Not understood: {{ ${text.trim()} }}`);
}

const fieldOf = (value: unknown, name: string): unknown => (typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined);

/** As Go has it: what is empty is false. */
function isTrue(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function toText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean);
}
