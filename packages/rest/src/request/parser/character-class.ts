/** Says whether a UTF-16 code unit belongs; `text` and `offset` are for classes that need a surrogate pair's other half. */
export type CharacterClass = (code: number, text: string, offset: number) => boolean;

const ASCII = 128;

function asciiTable(characters: string): readonly boolean[] {
  return Array.from({ length: ASCII }, (_, code) => characters.includes(String.fromCharCode(code)));
}

const DIGITS = "0123456789";
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const IDENTIFIER_TABLE = asciiTable(`${LETTERS}${DIGITS}_ $`);

export const isDigit: CharacterClass = (code) => code >= 48 && code <= 57;

/** Letters of any script, digits, underscore, space, dollar. */
export const isIdentifierCharacter: CharacterClass = (code, text, offset) =>
  code < ASCII ? IDENTIFIER_TABLE[code] === true : isForeignLetter(text, offset);

function isForeignLetter(text: string, offset: number): boolean {
  const second = isLowSurrogate(text.charCodeAt(offset)) && offset > 0;
  return /^\p{L}/u.test(text.slice(second ? offset - 1 : offset, offset + 2));
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

export const isBlank: CharacterClass = (code) => code === 32 || code === 9;

export function noneOf(characters: string): CharacterClass {
  const excluded = asciiTable(characters);
  return (code) => code >= ASCII || excluded[code] === false;
}

export const anyCharacter: CharacterClass = () => true;

/** Without white space at both ends. */
export function strip(text: string): string {
  if (!isSpace(text.charCodeAt(0)) && !isSpace(text.charCodeAt(text.length - 1))) return text;
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || (code > 255 && /\p{Zs}/u.test(String.fromCharCode(code)));
}
