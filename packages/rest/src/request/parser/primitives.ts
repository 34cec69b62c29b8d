import type { CharacterClass } from "./character-class.ts";
import type { ParseError } from "./parse-error.ts";
import { characterAt, showCharacter, showString, unexpectedToken } from "./parse-error.ts";
import type { Input, Parser } from "./parser.ts";
import { FAILED } from "./parser.ts";

/** Fails at `offset` without having consumed. */
function fail(input: Input, error: () => ParseError): typeof FAILED {
  if (input.tracking) input.error = error();
  return FAILED;
}

function succeedAt<T>(input: Input, offset: number, value: T): T {
  input.offset = offset;
  input.error = undefined;
  return value;
}

/** Consumes nothing. */
export function succeed<T>(value: T): Parser<T> {
  return (input) => succeedAt(input, input.offset, value);
}

/** One ASCII character. */
export function char(character: string): Parser<string> {
  const code = character.charCodeAt(0);
  const expected = [showString(character)];
  return (input) => {
    const { text, offset } = input;
    if (text.charCodeAt(offset) === code) return succeedAt(input, offset + 1, character);
    return fail(input, () => unexpectedToken(text, offset, expected));
  };
}

/** An ASCII word. A match of its first characters alone is a failure that consumed, reported at the word's beginning. */
export function string(word: string): Parser<string> {
  const expected = `"${word}"`;
  return (input) => {
    const { text, offset } = input;
    if (text.startsWith(word, offset)) return succeedAt(input, offset + word.length, word);
    const mismatch = firstMismatch(text, offset, word);
    if (mismatch > offset) input.offset = offset + 1;
    return fail(input, () => ({ ...unexpectedToken(text, mismatch, [expected]), offset }));
  };
}

function firstMismatch(text: string, offset: number, word: string): number {
  let length = 0;
  while (length < word.length && text.charCodeAt(offset + length) === word.charCodeAt(length)) length += 1;
  return offset + length;
}

/** An ASCII word in any case, given in lower case. It is read letter by letter: errors are at the letter that differs. */
export function caselessString(word: string): Parser<string> {
  const upper = word.toUpperCase();
  return (input) => {
    const { text, offset } = input;
    let length = 0;
    while (length < word.length && (text[offset + length] === word[length] || text[offset + length] === upper[length])) length += 1;
    if (length === word.length) return succeedAt(input, offset + length, word);
    input.offset = offset + length;
    return fail(input, () => unexpectedToken(text, offset + length, [showString(word.charAt(length))]));
  };
}

/** The first of some ASCII words that the text goes on with, by its value. A partial match consumes nothing. */
export function keyword<T>(words: ReadonlyArray<readonly [word: string, value: T]>): Parser<T> {
  return (input) => {
    const { text, offset } = input;
    for (const [word, value] of words) {
      if (text.startsWith(word, offset)) return succeedAt(input, offset + word.length, value);
    }
    return fail(input, () => keywordError(text, offset, words));
  };
}

function keywordError(text: string, offset: number, words: ReadonlyArray<readonly [string, unknown]>): ParseError {
  const errors = words.map(([word]) => unexpectedToken(text, firstMismatch(text, offset, word), [`"${word}"`]));
  return { offset, messages: errors.flatMap(({ messages }) => messages) };
}

/** As many characters of a class as there are, also none. `expected`: what an error at their end asks for. */
export function span(belongs: CharacterClass, expected: readonly string[] = []): Parser<string> {
  return (input) => {
    const { text, offset } = input;
    const end = endOfSpan(input, belongs);
    input.offset = end;
    if (input.tracking) input.error = unexpectedToken(text, end, expected);
    return text.slice(offset, end);
  };
}

/** At least one character of a class. */
export function span1(belongs: CharacterClass, expected: readonly string[] = []): Parser<string> {
  const some = span(belongs, expected);
  return (input) => {
    const { offset } = input;
    const found = some(input);
    return input.offset === offset ? FAILED : found;
  };
}

function endOfSpan({ text, offset }: Input, belongs: CharacterClass): number {
  let end = offset;
  while (end < text.length && belongs(text.charCodeAt(end), text, end)) end += 1;
  return end;
}

/** Succeeds, consuming nothing, unless a character of the class follows. `expected`: its name, if it has one. */
export function notFollowedBy(belongs: CharacterClass, expected: readonly string[] = []): Parser<undefined> {
  return (input) => {
    const { text, offset } = input;
    if (offset < text.length && belongs(text.charCodeAt(offset), text, offset)) {
      return fail(input, () => unexpectedAfter(text, offset));
    }
    if (input.tracking) input.error = unexpectedToken(text, offset, expected);
    return undefined;
  };
}

/** Parsec reports what a negative lookahead found behind it, having read it. */
function unexpectedAfter(text: string, offset: number): ParseError {
  const character = characterAt(text, offset);
  return { offset: offset + character.length, messages: [{ kind: "unexpected", text: showCharacter(character) }] };
}

export const endOfInput: Parser<undefined> = (input) => {
  const { text, offset } = input;
  const ended = offset >= text.length;
  if (input.tracking) {
    const found = ended ? ({ kind: "token", text: "" } as const) : ({ kind: "unexpected", text: showCharacter(characterAt(text, offset)) } as const);
    input.error = { offset, messages: [found, { kind: "expected", text: "end of input" }] };
  }
  return ended ? undefined : FAILED;
};
