import type { AuthTransaction } from "../database/auth-database.ts";

/**
 * Something outside the database that belongs to what a transaction writes: a mail. It waits until that is committed, so
 * that no connection and no lock is held by a slow server, and nothing is sent of what is taken back.
 */
export interface AfterCommit {
  run?(): Promise<void>;
  /** Takes back what was written, in a transaction of its own, where something that was to be run has failed. */
  undo?(db: AuthTransaction): Promise<void>;
}

export type Transact = <T>(work: (db: AuthTransaction) => Promise<T>) => Promise<T>;

export interface TransactionsOptions {
  readonly transact: Transact;
  /** As `transact`, but goes on when the client has gone. */
  readonly transactUnheeded: Transact;
  readonly onUndoFailed: (error: unknown) => void;
}

/** A call's transactions, and what is to be done after each. */
export class Transactions {
  readonly #options: TransactionsOptions;
  readonly #waiting = new WeakMap<AuthTransaction, AfterCommit[]>();

  constructor(options: TransactionsOptions) {
    this.#options = options;
  }

  afterCommit(db: AuthTransaction, effect: AfterCommit): void {
    const waiting = this.#waiting.get(db);
    if (waiting === undefined) throw new Error("No transaction of this call");
    waiting.push(effect);
  }

  /** @throws what `work` throws; what something after it throws, once all of them are undone */
  async run<T>(work: (db: AuthTransaction) => Promise<T>): Promise<T> {
    let effects: AfterCommit[] = [];
    const result = await this.#options.transact((db) => {
      this.#waiting.set(db, (effects = []));
      return work(db);
    });
    try {
      for (const effect of effects) await effect.run?.();
    } catch (error) {
      await this.#undo(effects);
      throw error;
    }
    return result;
  }

  /** The latest first, each by itself: what can't be undone doesn't keep the others. */
  async #undo(effects: readonly AfterCommit[]): Promise<void> {
    for (const effect of effects.toReversed()) {
      if (effect.undo) await this.#options.transactUnheeded((db) => effect.undo!(db)).catch(this.#options.onUndoFailed);
    }
  }
}
