import type { Parser } from "./parser.ts";
import { FAILED } from "./parser.ts";

/** The text has more of something, at this offset, than can be done. */
export class TooMuch {
  readonly offset: number;
  readonly details: string;

  constructor(offset: number, details: string) {
    this.offset = offset;
    this.details = details;
  }
}

/** @param what there may be so many of, e.g. `items` */
export function atMost<T>(limit: number, what: string, parser: Parser<readonly T[]>): Parser<readonly T[]> {
  return (input) => {
    const values = parser(input);
    if (values !== FAILED && values.length > limit) throw new TooMuch(input.offset, `more than ${limit} ${what}`);
    return values;
  };
}
