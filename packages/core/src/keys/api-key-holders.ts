import type { Caller } from "../tenant/scope.ts";
import { type ApiKeyKind, hashApiKey, LONGEST_API_KEY } from "./api-key-form.ts";
import { tokenError } from "./errors.ts";
import { isFromBrowser } from "./from-browser.ts";

/** An opaque key of a project that was not revoked. */
export interface ActiveApiKey {
  /** SHA-256 of the key as hex. */
  readonly hash: string;
  readonly kind: ApiKeyKind;
  /** The PostgreSQL role that its holder is. */
  readonly role: string;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
}

export interface ApiKeyHoldersOptions {
  readonly ref: string;
  readonly apiKeys: readonly ActiveApiKey[];
  readonly anonRole: string | undefined;
  /** Whole seconds since 1970. */
  readonly now: () => number;
}

interface Holder {
  readonly caller: Caller;
  readonly kind: ApiKeyKind;
  /** Whole seconds since 1970. */
  readonly until: number;
}

/**
 * Tells who holds an opaque key of one project. Found by its hash: what a guess's hash is nobody can choose, so the time
 * it takes to find none says nothing of the hashes that there are.
 */
export class ApiKeyHolders {
  readonly #holders: ReadonlyMap<string, Holder>;
  readonly #now: () => number;

  constructor({ ref, apiKeys, anonRole, now }: ApiKeyHoldersOptions) {
    this.#holders = new Map(apiKeys.map((key) => [key.hash, { caller: callerOf(key, ref, anonRole), kind: key.kind, until: key.expiresAt === null ? Infinity : key.expiresAt / 1000 }]));
    this.#now = now;
  }

  /** @throws BackendError PLINTH_API_KEY_INVALID, PLINTH_API_KEY_EXPIRED, PLINTH_SECRET_KEY_IN_BROWSER */
  holder(key: string, request: Request): Caller {
    const holder = key.length <= LONGEST_API_KEY ? this.#holders.get(hashApiKey(key)) : undefined;
    if (holder === undefined) throw tokenError("apiKey");
    if (this.#now() >= holder.until) throw tokenError("apiKeyExpired");
    if (holder.kind === "secret" && isFromBrowser(request)) throw tokenError("secretKeyInBrowser");
    return holder.caller;
  }
}

/** The claims that the project's JWT key of the same role has and that don't change. */
function callerOf({ role }: ActiveApiKey, ref: string, anonRole: string | undefined): Caller {
  const claims = Object.freeze({ iss: "plinth", ref, role });
  return Object.freeze({ role, claims, claimsJson: JSON.stringify(claims), authenticated: role !== anonRole });
}
