import type { Parser } from "./parser.ts";
import { TooMuch } from "./too-much.ts";

/** Levels of embedding or of logic that a request may have: more would cost the parser its stack, and PostgreSQL more still. */
const MAX_DEPTH = 100;

/** One level of a grammar that contains itself. `parser` is a function because it is defined in terms of this one. */
export function nested<T>(parser: () => Parser<T>): Parser<T> {
  return (input) => {
    if (input.depth >= MAX_DEPTH) throw new TooMuch(input.offset, `nested more than ${MAX_DEPTH} levels deep`);
    input.depth += 1;
    const value = parser()(input);
    input.depth -= 1;
    return value;
  };
}
