import type { CharacterClass } from "./character-class.ts";
import { characterAt, matchLength, unexpectedToken } from "./parse-error.ts";
import type { Input, Parser } from "./parser.ts";
import { FAILED } from "./parser.ts";
import { showString } from "./show.ts";

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
    if (input.text.charCodeAt(input.offset) === code) return succeedAt(input, input.offset + 1, character);
    if (input.tracking) input.error = unexpectedToken(input.offset, expected);
    return FAILED;
  };
}

/** An ASCII word. A match of its first characters alone is a failure that consumed, reported at the word's beginning. */
export function string(word: string): Parser<string> {
  const expected = [`"${word}"`];
  return (input) => {
    const { text, offset } = input;
    const length = matchLength(text, offset, word);
    if (length === word.length) return succeedAt(input, offset + length, word);
    if (length > 0) input.offset = offset + 1;
    if (input.tracking) input.error = { kind: "token", offset, at: offset + length, expected };
    return FAILED;
  };
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
    if (input.tracking) input.error = unexpectedToken(offset + length, [showString(word.charAt(length))]);
    return FAILED;
  };
}

/** The first of some ASCII words that the text goes on with, by its value. A partial match consumes nothing. */
export function keyword<T>(words: ReadonlyArray<readonly [word: string, value: T]>): Parser<T> {
  return (input) => {
    const { text, offset } = input;
    for (let index = 0; index < words.length; index += 1) {
      const [word, value] = words[index] as readonly [string, T];
      if (matchLength(text, offset, word) === word.length) return succeedAt(input, offset + word.length, value);
    }
    if (input.tracking) input.error = { kind: "words", offset, words };
    return FAILED;
  };
}

/** As many characters of a class as there are, also none. `expected`: what an error at their end asks for. */
export function span(belongs: CharacterClass, expected: readonly string[] = []): Parser<string> {
  return (input) => {
    const { text, offset } = input;
    let end = offset;
    while (end < text.length && belongs(text.charCodeAt(end), text, end)) end += 1;
    input.offset = end;
    if (input.tracking) input.error = unexpectedToken(end, expected);
    return end === offset ? "" : text.slice(offset, end);
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

/** Succeeds, consuming nothing, unless a character of the class follows. `expected`: its name, if it has one. */
export function notFollowedBy(belongs: CharacterClass, expected: readonly string[] = []): Parser<undefined> {
  return (input) => {
    const { text, offset } = input;
    if (offset < text.length && belongs(text.charCodeAt(offset), text, offset)) {
      // Parsec reports it behind the character, which it has read.
      const behind = offset + characterAt(text, offset).length;
      if (input.tracking) input.error = { kind: "found", offset: behind, at: offset, expected: [] };
      return FAILED;
    }
    if (input.tracking) input.error = unexpectedToken(offset, expected);
    return undefined;
  };
}

const END_EXPECTED = ["end of input"];

export const endOfInput: Parser<undefined> = (input) => {
  const { offset } = input;
  const ended = offset >= input.text.length;
  if (input.tracking) input.error = { kind: ended ? "token" : "found", offset, at: offset, expected: END_EXPECTED };
  return ended ? undefined : FAILED;
};
