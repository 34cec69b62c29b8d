import { createHmac, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { ScramKeys, ServerFirst } from "./scram-sha-256.ts";

/** Logins remembered at most: about 400 bytes each. */
const LOGINS = 4_000;

/**
 * The keys of logins that have connected before, so that thousands of rounds are not done again for each connection.
 * They are found by a digest that nothing outside this object can be looked up by.
 */
export class RememberedKeys {
  readonly #secret = randomBytes(32);
  readonly #keys = new LRUCache<string, ScramKeys>({ max: LOGINS });

  get(password: string, first: ServerFirst): ScramKeys | undefined {
    return this.#keys.get(this.#digest(password, first));
  }

  /** To be called once the server has been seen to know the same. */
  set(password: string, first: ServerFirst, keys: ScramKeys): void {
    this.#keys.set(this.#digest(password, first), keys);
  }

  #digest(password: string, { salt, iterations }: ServerFirst): string {
    return createHmac("sha256", this.#secret).update(`${iterations} ${salt} ${password}`).digest("base64");
  }
}
