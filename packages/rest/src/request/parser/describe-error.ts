import type { ParseError } from "./parse-error.ts";
import { characterAt, matchLength } from "./parse-error.ts";
import { showCharacter, showString } from "./show.ts";

interface Message {
  /** "token" is what the text has; it is not shown where there is something "found". */
  readonly kind: "token" | "found" | "expected";
  readonly text: string;
}

/** `unexpected "x" expecting "y", digit or end of input` */
export function describeError(error: ParseError | undefined, text: string): string {
  if (error === undefined) return "unknown parse error";
  const messages = messagesOf(error, text);
  const of = (kind: Message["kind"]): string[] => messages.filter((message) => message.kind === kind).map((message) => message.text);
  const found = listOf(of("found"));
  const expected = listOf(of("expected"));
  const unexpected = found === "" ? of("token")[0] : found;
  return [unexpected === undefined ? "" : `unexpected ${unexpected}`, expected === "" ? "" : `expecting ${expected}`].join(" ").trim();
}

const DESCRIBE: { readonly [K in ParseError["kind"]]: (error: Extract<ParseError, { kind: K }>, text: string) => Message[] } = {
  token: ({ at, expected }, text) => [tokenAt(text, at), ...expectedOf(expected)],
  found: ({ at, expected }, text) => [{ kind: "found", text: showCharacter(characterAt(text, at)) }, ...expectedOf(expected)],
  words: ({ offset, words }, text) =>
    words.flatMap(([word]) => [tokenAt(text, offset + matchLength(text, offset, word)), ...expectedOf([`"${word}"`])]),
  both: ({ first, second }, text) => [...messagesOf(first, text), ...messagesOf(second, text)],
  named: ({ error, name }, text) => [...messagesOf(error, text).filter(({ kind }) => kind !== "expected"), ...expectedOf([name])],
};

function messagesOf(error: ParseError, text: string): Message[] {
  const describe = DESCRIBE[error.kind] as (error: ParseError, text: string) => Message[];
  return describe(error, text);
}

function tokenAt(text: string, at: number): Message {
  const character = characterAt(text, at);
  return { kind: "token", text: character === "" ? "end of input" : showString(character) };
}

const expectedOf = (texts: readonly string[]): Message[] => texts.map((text) => ({ kind: "expected", text }));

/** `a, b or c`, without repetitions. */
function listOf(texts: readonly string[]): string {
  const distinct = [...new Set(texts)];
  if (distinct.length < 2) return distinct.join("");
  return `${distinct.slice(0, -1).join(", ")} or ${distinct.at(-1)}`;
}

/** `(line 1, column 4)`: columns count characters, a tab goes on to the next multiple of 8. */
export function describePosition(text: string, offset: number): string {
  let line = 1;
  let column = 1;
  for (const character of text.slice(0, offset)) {
    if (character === "\n") {
      line += 1;
      column = 1;
    } else column = character === "\t" ? column + 8 - ((column - 1) % 8) : column + 1;
  }
  return `(line ${line}, column ${column})`;
}
