import { LRUCache } from "lru-cache";
import type { JwksSource } from "../projects/project.ts";
import type { Caller } from "../tenant/scope.ts";
import { isAsymmetric, noSuitableKey, verifyAsymmetric, verifyWithKey } from "./asymmetric-signature.ts";
import { checkClaims, type ClaimExpectations, validity } from "./claim-checks.ts";
import { type CompactToken, decodePart, parseCompactToken, parseObject } from "./compact-token.ts";
import { tokenError } from "./errors.ts";
import type { HmacSecret } from "./hs256.ts";
import { Hs256Secrets } from "./hs256-secrets.ts";
import { createKeySet, KEY_SET_MAX_AGE, type KeySet } from "./key-set.ts";
import { ownPublicKeys, type PublicKeyInUse } from "./own-public-keys.ts";
import { PLAIN_ROLE } from "./role-claim/compile-role-claim.ts";
import type { RoleClaim } from "./role-claim/role-claim.ts";
import { tokenCaller } from "./token-caller.ts";
import type { OwnPublicKey, PreviousSecret } from "./verification-keys.ts";

export interface TokenVerifierOptions {
  /** The project's: a token whose `ref` claim names another one is refused. */
  readonly ref: string;
  /** Refs that the project had before: tokens that name them hold as well. */
  readonly aliases?: readonly string[];
  /** HS256 secret, at least 32 bytes. */
  readonly secret?: HmacSecret | undefined;
  /** HS256 secrets that it was before. */
  readonly previousSecrets?: readonly PreviousSecret[];
  /** The public keys of the project's own signing keys. */
  readonly signingKeys?: readonly OwnPublicKey[];
  /** Public keys of another issuer. */
  readonly jwks?: JwksSource | undefined;
  /** `aud` that tokens with an audience must have. */
  readonly audience?: string | undefined;
  /** Role of tokens that name none. Undefined: those are refused. */
  readonly anonRole: string | undefined;
  /** Where tokens have their role. Default: in the claim `role`, where the project's own keys have it in any case. */
  readonly roleClaim?: RoleClaim;
  /** Whole seconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
}

/** A token whose signature was verified; times in whole seconds since 1970. */
interface Verified {
  readonly caller: Caller;
  /** When its claims hold. */
  readonly from: number;
  readonly until: number;
  /** Until when the signature counts: its key may have been taken back since, or its time be over. */
  readonly trustedUntil: number;
}

/** What a signature is worth. */
interface Trust {
  /** In whole seconds since 1970. */
  readonly until: number;
  /** By the project itself, rather than by another issuer. */
  readonly isOwn: boolean;
}

/** Of the project's anon key and service role key. */
const OWN_ISSUER = "plinth";

/** Whole seconds since 1970. */
export const systemClock = (): number => Math.floor(Date.now() / 1000);

/** Verified tokens kept per project, measured in characters of token: some thousand usual ones. */
const CACHE_SIZE = 1_000_000;

/**
 * Verifies the tokens of one project. A token's `alg` only chooses which check it has to stand: HS256 is checked with
 * the secrets alone, an asymmetric algorithm with public keys of its kind alone. A `kid` of the project's own keys is
 * checked with that key; any other, with the other issuer's keys.
 * Verified tokens are kept; their times are looked at on every use.
 */
export class TokenVerifier {
  readonly #secrets: Hs256Secrets;
  readonly #own: ReadonlyMap<string, PublicKeyInUse>;
  readonly #keys: KeySet | undefined;
  readonly #expected: ClaimExpectations;
  readonly #anonRole: string | undefined;
  readonly #roleClaim: RoleClaim;
  readonly #now: () => number;
  readonly #verified = new LRUCache<string, Verified>({ maxSize: CACHE_SIZE, sizeCalculation: (_value, token) => token.length });

  /** @throws BackendError PLINTH_CONFIG_INVALID for a short secret or a key set that is none */
  constructor(options: TokenVerifierOptions) {
    this.#secrets = new Hs256Secrets(options.secret, options.previousSecrets ?? []);
    this.#own = ownPublicKeys(options.signingKeys ?? []);
    this.#keys = options.jwks === undefined ? undefined : createKeySet(options.jwks);
    this.#expected = { refs: [options.ref, ...(options.aliases ?? [])], audience: options.audience };
    this.#anonRole = options.anonRole;
    this.#roleClaim = options.roleClaim ?? PLAIN_ROLE;
    this.#now = options.now ?? systemClock;
  }

  /**
   * Who `token` speaks for: at once where it is known or HS256, else as a promise.
   * @throws BackendError PGRST300–303, 22023, PLINTH_KEY_SET_UNAVAILABLE; or the promise rejects with it
   */
  verify(token: string): Caller | Promise<Caller> {
    const now = this.#now();
    const known = this.#verified.get(token);
    if (known !== undefined && now < known.trustedUntil) {
      if (now < known.from || now > known.until) checkClaims(known.caller.claims, now, this.#expected);
      return known.caller;
    }
    const parsed = parseCompactToken(token);
    const trusted = this.#checkSignature(token, parsed, now);
    if (trusted instanceof Promise) return trusted.then((trust) => this.#accept(token, parsed, trust));
    return this.#accept(token, parsed, trusted);
  }

  #checkSignature(token: string, parsed: CompactToken, now: number): Trust | Promise<Trust> {
    if (this.#secrets.isEmpty && this.#own.size === 0 && this.#keys === undefined) throw tokenError("secretMissing");
    if (parsed.alg === "none") throw tokenError("algorithm", { details: "JWT is unsecured but expected 'alg' was not 'none'" });
    if (isAsymmetric(parsed.alg)) return this.#checkPublicly(token, parsed, now);
    if (parsed.alg !== "HS256") throw tokenError("algorithm", { details: "The algorithm of the JWT's header is not one that tokens are accepted with" });
    if (this.#secrets.isEmpty) throw noSuitableKey();
    const until = this.#secrets.verify(parsed, now);
    if (until === undefined) throw tokenError("key", { details: "None of the keys was able to decode the JWT" });
    return { until, isOwn: true };
  }

  async #checkPublicly(token: string, { alg, kid }: CompactToken, now: number): Promise<Trust> {
    const own = kid === undefined ? undefined : this.#own.get(kid);
    if (own !== undefined) {
      if (own.algorithm !== alg || now >= own.until) throw noSuitableKey();
      await verifyWithKey(token, own.key, own.algorithm);
      return { until: own.until, isOwn: true };
    }
    if (this.#keys === undefined) throw noSuitableKey();
    await verifyAsymmetric(token, this.#keys);
    return { until: now + KEY_SET_MAX_AGE / 1000, isOwn: false };
  }

  #accept(token: string, parsed: CompactToken, { until: trustedUntil, isOwn }: Trust): Caller {
    const text = decodePart(parsed.payload);
    const claims = text === undefined ? undefined : parseObject(text);
    if (text === undefined || claims === undefined) throw tokenError("claims");
    checkClaims(claims, this.#now(), this.#expected);
    const roleClaim = isOwn && claims["iss"] === OWN_ISSUER ? PLAIN_ROLE : this.#roleClaim;
    const caller = tokenCaller(claims, text, roleClaim(claims), this.#anonRole);
    this.#verified.set(token, { caller, ...validity(claims), trustedUntil });
    return caller;
  }
}
