import { LRUCache } from "lru-cache";

/** Statements kept prepared on one connection; each costs the server some tens of kilobytes. */
const MAX_PREPARED = 200;

export interface Prepared {
  readonly name: string;
  /** "new" is parsed on first use; "doubtful" failed somewhere between Parse and Execute, so it is closed first. */
  state: "new" | "parsed" | "doubtful";
}

/** Which statements one connection has prepared under which names: bounded, least recently used first out. */
export class PreparedStatements {
  readonly #byKey = new LRUCache<string, Prepared>({
    max: MAX_PREPARED,
    dispose: (statement, _key, reason) => {
      if (reason === "evict" && statement.state !== "new") this.#toClose.push(statement.name);
    },
  });
  #toClose: string[] = [];
  #count = 0;

  /**
   * The role is part of the key: with row level security a plan belongs to a role, and a name shared
   * between roles would be planned again at every change.
   */
  get(role: string, sql: string): Prepared {
    const key = `${role}\0${sql}`;
    const known = this.#byKey.get(key);
    if (known) return known;
    const fresh: Prepared = { name: `p${this.#count++}`, state: "new" };
    this.#byKey.set(key, fresh);
    return fresh;
  }

  /** Names evicted since the last call, to be closed on the server. */
  takeEvicted(): readonly string[] {
    if (this.#toClose.length === 0) return [];
    const names = this.#toClose;
    this.#toClose = [];
    return names;
  }
}
