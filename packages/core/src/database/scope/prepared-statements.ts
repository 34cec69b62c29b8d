import { LRUCache } from "lru-cache";

/** Texts kept prepared on one connection; each costs the server some tens of kilobytes for each role. */
const MAX_PREPARED = 200;
/** Roles that a text is kept prepared for: there are hardly ever more than three. */
const MAX_ROLES = 8;

export interface Prepared {
  readonly name: string;
  /** "new" is parsed on first use; "doubtful" failed somewhere between Parse and Execute, so it is closed first. */
  state: "new" | "parsed" | "doubtful";
}

/** Which statements one connection has prepared under which names: bounded, least recently used first out. */
export class PreparedStatements {
  /** By their text and, within, by role; a text is looked up without being put together or hashed anew. */
  readonly #bySql = new LRUCache<string, Map<string, Prepared>>({
    max: MAX_PREPARED,
    dispose: (statements, _sql, reason) => {
      if (reason !== "evict") return;
      for (const { name, state } of statements.values()) if (state !== "new") this.#toClose.push(name);
    },
  });
  #toClose: string[] = [];
  #count = 0;

  /**
   * The role is part of the key: with row level security a plan belongs to a role, and a name shared
   * between roles would be planned again at every change.
   */
  get(role: string, sql: string): Prepared {
    let ofSql = this.#bySql.get(sql);
    if (!ofSql) this.#bySql.set(sql, (ofSql = new Map()));
    const known = ofSql.get(role);
    if (known) return known;
    if (ofSql.size >= MAX_ROLES) this.#forgetFirst(ofSql);
    const fresh: Prepared = { name: `p${this.#count++}`, state: "new" };
    ofSql.set(role, fresh);
    return fresh;
  }

  #forgetFirst(statements: Map<string, Prepared>): void {
    for (const [role, { name, state }] of statements) {
      statements.delete(role);
      if (state !== "new") this.#toClose.push(name);
      return;
    }
  }

  /** Names evicted since the last call, to be closed on the server. */
  takeEvicted(): readonly string[] {
    if (this.#toClose.length === 0) return [];
    const names = this.#toClose;
    this.#toClose = [];
    return names;
  }
}
