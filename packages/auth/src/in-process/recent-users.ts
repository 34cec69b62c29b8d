import type { TenantStateKey } from "@plinth/core";
import { LRUCache } from "lru-cache";
import type { User } from "../users/user.ts";

/** For how long a user is good that was read, in milliseconds: as long as other processes' changes may go unseen. */
const GOOD_FOR = 1_000;
const MAX_USERS = 5_000;

interface Reading {
  readonly user: Promise<User | undefined>;
  readonly at: number;
}

/**
 * Users that host code has just asked for, by token: a page asks for its user several times, and so do parallel requests.
 * Whatever this process changes through Auth forgets all of them.
 */
export class RecentUsers {
  readonly #readings = new LRUCache<string, Reading>({ max: MAX_USERS });

  /** @param key of the user and session */
  get(key: string, read: () => Promise<User | undefined>): Promise<User | undefined> {
    const known = this.#readings.get(key);
    if (known !== undefined && performance.now() - known.at < GOOD_FOR) return known.user;
    const reading: Reading = { user: read(), at: performance.now() };
    this.#readings.set(key, reading);
    // Whoever asks next tries again.
    reading.user.catch(() => this.#readings.get(key) === reading && this.#readings.delete(key));
    return reading.user;
  }

  forget(): void {
    this.#readings.clear();
  }
}

export const RECENT_USERS: TenantStateKey<RecentUsers> = { name: "auth.recent-users", create: () => new RecentUsers() };
