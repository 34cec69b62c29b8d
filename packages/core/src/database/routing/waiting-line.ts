/** One that waits for a connection. */
export interface Waiter<C> {
  /** `performance.now()` when it began to wait. */
  readonly since: number;
  readonly resolve: (connection: C) => void;
  readonly reject: (error: Error) => void;
}

interface Place<C> {
  readonly waiter: Waiter<C>;
  before: Place<C> | undefined;
  after: Place<C> | undefined;
}

/** Leaves the line; nothing happens where it was served before. */
export type Leave = () => void;

/** First come, first served; whoever gives up leaves from the midst of it. */
export class WaitingLine<C> {
  #first: Place<C> | undefined;
  #last: Place<C> | undefined;
  #length = 0;
  #since = 0;

  get length(): number {
    return this.#length;
  }

  get head(): Waiter<C> | undefined {
    return this.#first?.waiter;
  }

  /** Since when there was always somebody waiting. */
  get since(): number {
    return this.#since;
  }

  join(waiter: Waiter<C>): Leave {
    const place: Place<C> = { waiter, before: this.#last, after: undefined };
    if (this.#last) this.#last.after = place;
    else {
      this.#first = place;
      this.#since = waiter.since;
    }
    this.#last = place;
    this.#length++;
    return () => this.#remove(place);
  }

  shift(): Waiter<C> | undefined {
    const place = this.#first;
    if (place) this.#remove(place);
    return place?.waiter;
  }

  #remove(place: Place<C>): void {
    if (place.before === undefined && this.#first !== place) return;
    if (place.before) place.before.after = place.after;
    else this.#first = place.after;
    if (place.after) place.after.before = place.before;
    else this.#last = place.before;
    place.before = undefined;
    place.after = undefined;
    this.#length--;
  }
}
