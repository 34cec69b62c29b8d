import { mergeErrors } from "./parse-error.ts";
import type { Input, Parser } from "./parser.ts";
import { FAILED } from "./parser.ts";
import { succeed } from "./primitives.ts";
import { type Limit, NO_LIMIT, TooMuch } from "./too-much.ts";

export function map<T, R>(parser: Parser<T>, convert: (value: T) => R): Parser<R> {
  return (input) => {
    const value = parser(input);
    return value === FAILED ? FAILED : convert(value);
  };
}

/** Runs a parser behind another one: if it consumes nothing, what the other would have taken as well stays part of the error. */
function next<T>(parser: Parser<T>, input: Input): T | typeof FAILED {
  if (!input.tracking) return parser(input);
  const { error, offset } = input;
  const value = parser(input);
  if (input.offset === offset) input.error = mergeErrors(error, input.error);
  return value;
}

/** All in turn. */
export function sequence<T extends readonly unknown[], R>(
  parsers: readonly [...{ [K in keyof T]: Parser<T[K]> }],
  build: (...values: T) => R,
): Parser<R> {
  const [first, ...others] = parsers as readonly Parser<unknown>[] as readonly [Parser<unknown>, ...Parser<unknown>[]];
  return (input) => {
    const head = first(input);
    if (head === FAILED) return FAILED;
    const values = [head];
    for (let index = 0; index < others.length; index += 1) {
      const value = next(others[index] as Parser<unknown>, input);
      if (value === FAILED) return FAILED;
      values.push(value);
    }
    return build(...(values as unknown as T));
  };
}

/** Both in turn, the second's value. */
export function andThen<T>(first: Parser<unknown>, second: Parser<T>): Parser<T> {
  return (input) => (first(input) === FAILED ? FAILED : next(second, input));
}

/** Both in turn, the first's value. */
export function before<T>(first: Parser<T>, second: Parser<unknown>): Parser<T> {
  return (input) => {
    const value = first(input);
    return value === FAILED || next(second, input) === FAILED ? FAILED : value;
  };
}

export function between<T>(open: Parser<unknown>, parser: Parser<T>, close: Parser<unknown>): Parser<T> {
  return before(andThen(open, parser), close);
}

/** The first that succeeds or that consumes. */
export function or<T>(...branches: readonly Parser<T>[]): Parser<T> {
  return (input) => {
    const { offset } = input;
    let error: Input["error"];
    for (let index = 0; index < branches.length; index += 1) {
      const value = (branches[index] as Parser<T>)(input);
      if (input.offset !== offset) return value;
      if (input.tracking) input.error = error = mergeErrors(error, input.error);
      if (value !== FAILED) return value;
    }
    return FAILED;
  };
}

export function optional<T>(parser: Parser<T>): Parser<T | undefined> {
  return or<T | undefined>(parser, succeed(undefined));
}

/** Where the parser fails it has consumed nothing. */
export function attempt<T>(parser: Parser<T>): Parser<T> {
  return (input) => {
    const { offset } = input;
    const value = parser(input);
    if (value === FAILED) input.offset = offset;
    return value;
  };
}

/** Where the parser succeeds it has consumed nothing. */
export function lookAhead<T>(parser: Parser<T>): Parser<T> {
  return (input) => {
    const { offset } = input;
    const value = parser(input);
    if (value !== FAILED) {
      input.offset = offset;
      input.error = undefined;
    }
    return value;
  };
}

/** Names what is expected where the parser consumes nothing. */
export function label<T>(parser: Parser<T>, name: string): Parser<T> {
  return (input) => {
    const { offset } = input;
    const value = parser(input);
    const { error } = input;
    if (error !== undefined && input.offset === offset) input.error = { kind: "named", offset: error.offset, error, name };
    return value;
  };
}

/** The same parser, not run again where it was run last: for what several branches of a choice begin with. */
export function remembered<T>(parser: Parser<T>): Parser<T> {
  return (input) => {
    const { memory, offset } = input;
    if (memory.parser === parser && memory.start === offset) {
      input.offset = memory.end;
      input.error = memory.error;
      return memory.value as T | typeof FAILED;
    }
    const value = parser(input);
    memory.parser = parser;
    memory.start = offset;
    memory.end = input.offset;
    memory.error = input.error;
    memory.value = value;
    return value;
  };
}

/**
 * As often as the parser succeeds; each time it must consume.
 * @param keepLast whether what the last item would have taken as well is part of the error behind it
 */
function repeat<T>(parser: Parser<T>, input: Input, items: T[], keepLast: boolean, limit: Limit): T[] | typeof FAILED {
  let last: Input["error"];
  for (;;) {
    const { offset } = input;
    const item = parser(input);
    if (item === FAILED) {
      if (input.offset !== offset) return FAILED;
      if (keepLast) input.error = mergeErrors(last, input.error);
      return items;
    }
    last = input.error;
    if (items.push(item) > limit.count) throw new TooMuch(input.offset, `more than ${limit.count} ${limit.what}`);
  }
}

export function many<T>(parser: Parser<T>, limit: Limit = NO_LIMIT): Parser<readonly T[]> {
  return (input) => repeat(parser, input, [], true, limit);
}

export function separated1<T>(parser: Parser<T>, separator: Parser<unknown>, limit: Limit = NO_LIMIT): Parser<readonly T[]> {
  const another = andThen(separator, parser);
  return (input) => {
    const first = parser(input);
    if (first === FAILED) return FAILED;
    const { error, offset } = input;
    const items = repeat(another, input, [first], false, limit);
    if (input.tracking && input.offset === offset) input.error = mergeErrors(error, input.error);
    return items;
  };
}

export function separated<T>(parser: Parser<T>, separator: Parser<unknown>, limit: Limit = NO_LIMIT): Parser<readonly T[]> {
  return or(separated1(parser, separator, limit), succeed<readonly T[]>([]));
}
