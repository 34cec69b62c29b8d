/**
 * Errors of the query grammar. PostgREST's are those of Haskell's Parsec, and clients compare them, so they are merged by
 * its rules: the error furthest into the text wins, those at the same place are listed together.
 * https://hackage.haskell.org/package/parsec/docs/Text-Parsec-Error.html
 */
export interface ParseError {
  readonly offset: number;
  readonly messages: readonly ParseMessage[];
}

export interface ParseMessage {
  /** "token": what the text has there. "unexpected": what a negative lookahead found; it is shown instead of the token. */
  readonly kind: "token" | "unexpected" | "expected";
  /** Empty at the end of the text. */
  readonly text: string;
}

/** Undefined is Parsec's unknown error: a parser that had nothing to complain about. */
export function mergeErrors(first: ParseError | undefined, second: ParseError | undefined): ParseError | undefined {
  if (first === undefined) return second;
  if (second === undefined || first.offset > second.offset) return first;
  if (first.offset < second.offset) return second;
  return { offset: first.offset, messages: [...first.messages, ...second.messages] };
}

export function unexpectedToken(text: string, offset: number, expected: readonly string[]): ParseError {
  const messages: ParseMessage[] = [{ kind: "token", text: offset < text.length ? showString(characterAt(text, offset)) : "" }];
  for (const label of expected) messages.push({ kind: "expected", text: label });
  return { offset, messages };
}

/** The same error under a name for all that was expected. */
export function relabel(error: ParseError, label: string): ParseError {
  const rest = error.messages.filter(({ kind }) => kind !== "expected");
  return { offset: error.offset, messages: [...rest, { kind: "expected", text: label }] };
}

/** `unexpected "x" expecting "y", digit or end of input` */
export function describeError(error: ParseError | undefined): string {
  if (error === undefined) return "unknown parse error";
  const parts: string[] = [];
  const unexpected = textsOf(error, "unexpected");
  const tokens = error.messages.filter(({ kind }) => kind === "token");
  if (unexpected.length > 0) parts.push(`unexpected ${list(unexpected)}`);
  else if (tokens[0] !== undefined) parts.push(`unexpected ${tokens[0].text === "" ? "end of input" : tokens[0].text}`);
  const expected = textsOf(error, "expected");
  if (expected.length > 0) parts.push(`expecting ${list(expected)}`);
  return parts.join(" ");
}

function textsOf(error: ParseError, kind: ParseMessage["kind"]): string[] {
  return [...new Set(error.messages.filter((message) => message.kind === kind && message.text !== "").map(({ text }) => text))];
}

function list(texts: readonly string[]): string {
  if (texts.length < 2) return texts.join("");
  return `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
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

export function characterAt(text: string, offset: number): string {
  return String.fromCodePoint(text.codePointAt(offset) as number);
}

/** A character as Haskell shows a string of it: `"é"` is `"\233"`. */
export function showString(character: string): string {
  return `"${character === '"' ? '\\"' : escapeCharacter(character)}"`;
}

/** A character as Haskell shows it alone. */
export function showCharacter(character: string): string {
  return `'${character === "'" ? "\\'" : escapeCharacter(character)}'`;
}

const CONTROL_NAMES =
  "NUL SOH STX ETX EOT ENQ ACK a b t n v f r SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" ");

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) as number;
  if (character === "\\") return "\\\\";
  if (code < 32) return `\\${CONTROL_NAMES[code]}`;
  if (code === 127) return "\\DEL";
  return code > 127 ? `\\${code}` : character;
}
