import { unexpectedToken } from "../parser/parse-error.ts";
import type { Input, Parser } from "../parser/parser.ts";
import { FAILED } from "../parser/parser.ts";
import { char } from "../parser/primitives.ts";

const quote = char('"');
const QUOTE_EXPECTED = ['"\\\\"', '"\\""'];

/** `"any, (text)"`, in which a backslash takes the character behind it literally. */
export const quotedValue: Parser<string> = (input) => {
  if (quote(input) === FAILED) return FAILED;
  const { text } = input;
  let value = "";
  let start = input.offset;
  for (let end = start; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === 34) return closeAt(input, end, value + text.slice(start, end));
    if (code !== 92) continue;
    value += text.slice(start, end);
    start = end += 1;
  }
  const endsInEscape = start === text.length && text.endsWith("\\");
  return leaveOpen(input, endsInEscape ? [] : QUOTE_EXPECTED);
};

function closeAt(input: Input, end: number, value: string): string {
  input.offset = end + 1;
  input.error = undefined;
  return value;
}

function leaveOpen(input: Input, expected: readonly string[]): typeof FAILED {
  input.offset = input.text.length;
  if (input.tracking) input.error = unexpectedToken(input.offset, expected);
  return FAILED;
}
