/** The text has more of something, up to this offset, than can be done. */
export class TooMuch {
  readonly offset: number;
  readonly details: string;

  constructor(offset: number, details: string) {
    this.offset = offset;
    this.details = details;
  }
}

/** How many there may be of what. */
export interface Limit {
  readonly count: number;
  /** Named in the error, e.g. `items`. */
  readonly what: string;
}

export const NO_LIMIT: Limit = { count: Number.POSITIVE_INFINITY, what: "" };
