/**
 * Errors of the query grammar. PostgREST's are those of Haskell's Parsec, and clients compare them, so they are merged by
 * its rules: the error furthest into the text wins, those at the same place are listed together.
 * https://hackage.haskell.org/package/parsec/docs/Text-Parsec-Error.html
 *
 * These are notes of what happened where; {@link describeError} makes words of the one that is left in the end.
 */
export type ParseError =
  /** The character at `at`, or the end of the text, isn't one of the expected. */
  | { readonly kind: "token"; readonly offset: number; readonly at: number; readonly expected: readonly string[] }
  /** A negative lookahead found the character at `at`. */
  | { readonly kind: "found"; readonly offset: number; readonly at: number; readonly expected: readonly string[] }
  /** None of these words is there. */
  | { readonly kind: "words"; readonly offset: number; readonly words: ReadonlyArray<readonly [word: string, value: unknown]> }
  | { readonly kind: "both"; readonly offset: number; readonly first: ParseError; readonly second: ParseError }
  /** The same under a name for all that was expected. */
  | { readonly kind: "named"; readonly offset: number; readonly error: ParseError; readonly name: string };

/** Undefined is Parsec's unknown error: a parser that had nothing to complain about. */
export function mergeErrors(first: ParseError | undefined, second: ParseError | undefined): ParseError | undefined {
  if (first === undefined) return second;
  if (second === undefined || first.offset > second.offset) return first;
  if (first.offset < second.offset) return second;
  return { kind: "both", offset: first.offset, first, second };
}

export function unexpectedToken(offset: number, expected: readonly string[]): ParseError {
  return { kind: "token", offset, at: offset, expected };
}

/** How many characters of a word the text has at an offset. Own loop: String.prototype.startsWith costs more for so few. */
export function matchLength(text: string, offset: number, word: string): number {
  let length = 0;
  while (length < word.length && text.charCodeAt(offset + length) === word.charCodeAt(length)) length += 1;
  return length;
}

export function characterAt(text: string, offset: number): string {
  return offset < text.length ? String.fromCodePoint(text.codePointAt(offset) as number) : "";
}
