import type { ParseError } from "./parse-error.ts";

export const FAILED: unique symbol = Symbol("failed");

/**
 * Reads from `input.offset` on and moves it. Four outcomes, as in Parsec: success or failure, each with or without having
 * consumed text; the latter is told by whether the offset moved. A choice only goes on to its next branch after a failure
 * that consumed nothing.
 */
export type Parser<T> = (input: Input) => T | typeof FAILED;

/** What a parser reads, and where it is. */
export class Input {
  offset = 0;
  /** How many levels of embedding or logic are open. */
  depth = 0;
  /** Of the last parser, whether it failed or succeeded: what it would have taken besides. Only while tracking. */
  error: ParseError | undefined = undefined;
  readonly memory: Memory = { parser: undefined, start: 0, end: 0, error: undefined, value: undefined };
  readonly text: string;
  /** Errors cost more than parsing does, so a text is first parsed without and, where that fails, once more with them. */
  readonly tracking: boolean;

  constructor(text: string, tracking: boolean) {
    this.text = text;
    this.tracking = tracking;
  }
}

/** The last run of a remembered parser. */
interface Memory {
  parser: unknown;
  start: number;
  end: number;
  error: ParseError | undefined;
  value: unknown;
}
