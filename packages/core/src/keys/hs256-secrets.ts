import type { KeyObject } from "node:crypto";
import type { CompactToken } from "./compact-token.ts";
import { type HmacSecret, hs256Key, hs256Verify } from "./hs256.ts";
import { checkSecret } from "./sign-token.ts";
import { type PreviousSecret, untilSeconds } from "./verification-keys.ts";

/** The HS256 secrets by which a project's tokens hold: the present one, and earlier ones for a time. */
export class Hs256Secrets {
  readonly #secrets: ReadonlyArray<{ readonly key: KeyObject; readonly until: number }>;

  /** @throws BackendError PLINTH_CONFIG_INVALID for a short secret */
  constructor(secret: HmacSecret | undefined, previous: readonly PreviousSecret[]) {
    const all = secret === undefined ? previous : [{ secret, until: null }, ...previous];
    for (const each of all) checkSecret(each.secret);
    this.#secrets = all.map((each) => ({ key: hs256Key(each.secret), until: untilSeconds(each.until) }));
  }

  get isEmpty(): boolean {
    return this.#secrets.length === 0;
  }

  /**
   * @param now whole seconds since 1970
   * @returns until when the signature counts, in whole seconds since 1970; undefined where it is none of theirs
   */
  verify({ signingInput, signature }: CompactToken, now: number): number | undefined {
    return this.#secrets.find(({ key, until }) => now < until && hs256Verify(signingInput, signature, key))?.until;
  }
}
