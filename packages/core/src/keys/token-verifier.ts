import type { KeyObject } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { JwksSource } from "../projects/project.ts";
import type { Caller } from "../tenant/scope.ts";
import { isAsymmetric, noSuitableKey, verifyAsymmetric } from "./asymmetric-signature.ts";
import { checkClaims, type ClaimExpectations, validity } from "./claim-checks.ts";
import { type CompactToken, decodePart, parseCompactToken, parseObject } from "./compact-token.ts";
import { tokenError } from "./errors.ts";
import { hs256Key, hs256Verify } from "./hs256.ts";
import { createKeySet, KEY_SET_MAX_AGE, type KeySet } from "./key-set.ts";
import { checkSecret } from "./sign-token.ts";
import { tokenCaller } from "./token-caller.ts";

export interface TokenVerifierOptions {
  /** The project's: a token whose `ref` claim names another one is refused. */
  readonly ref: string;
  /** HS256 secret, at least 32 bytes. */
  readonly secret?: string | undefined;
  /** Public keys for asymmetric algorithms. */
  readonly jwks?: JwksSource | undefined;
  /** `aud` that tokens with an audience must have. */
  readonly audience?: string | undefined;
  /** Role of tokens that name none. Undefined: those are refused. */
  readonly anonRole: string | undefined;
  /** Whole seconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
}

/** A token whose signature was verified; times in whole seconds since 1970. */
interface Verified {
  readonly caller: Caller;
  /** When its claims hold. */
  readonly from: number;
  readonly until: number;
  /** Until when the signature counts: its key may have been taken back since. */
  readonly trustedUntil: number;
}

/** Verified tokens kept per project, measured in characters of token: some thousand usual ones. */
const CACHE_SIZE = 1_000_000;

/**
 * Verifies the tokens of one project. A token's `alg` only chooses which check it has to stand:
 * HS256 is checked with the secret alone, an asymmetric algorithm with public keys of its kind alone.
 * Verified tokens are kept; their times are looked at on every use.
 */
export class TokenVerifier {
  readonly #secret: KeyObject | undefined;
  readonly #keys: KeySet | undefined;
  readonly #expected: ClaimExpectations;
  readonly #anonRole: string | undefined;
  readonly #now: () => number;
  readonly #verified = new LRUCache<string, Verified>({ maxSize: CACHE_SIZE, sizeCalculation: (_value, token) => token.length });

  /** @throws BackendError PLINTH_CONFIG_INVALID for a short secret or a key set that is none */
  constructor(options: TokenVerifierOptions) {
    if (options.secret !== undefined) checkSecret(options.secret);
    this.#secret = options.secret === undefined ? undefined : hs256Key(options.secret);
    this.#keys = options.jwks === undefined ? undefined : createKeySet(options.jwks);
    this.#expected = { ref: options.ref, audience: options.audience };
    this.#anonRole = options.anonRole;
    this.#now = options.now ?? (() => Math.floor(Date.now() / 1000));
  }

  /**
   * Who `token` speaks for: at once where it is known or HS256, else as a promise.
   * @throws BackendError PGRST300–303, 22023, PLINTH_KEY_SET_UNAVAILABLE; or the promise rejects with it
   */
  verify(token: string): Caller | Promise<Caller> {
    const now = this.#now();
    const known = this.#verified.get(token);
    if (known !== undefined && now <= known.trustedUntil) {
      if (now < known.from || now > known.until) checkClaims(known.caller.claims, now, this.#expected);
      return known.caller;
    }
    const parsed = parseCompactToken(token);
    const signature = this.#checkSignature(token, parsed);
    if (signature instanceof Promise) return signature.then(() => this.#accept(token, parsed, now + KEY_SET_MAX_AGE / 1000));
    return this.#accept(token, parsed, Infinity);
  }

  #checkSignature(token: string, parsed: CompactToken): undefined | Promise<void> {
    if (this.#secret === undefined && this.#keys === undefined) throw tokenError("secretMissing");
    if (parsed.alg === "none") throw tokenError("algorithm", { details: "JWT is unsecured but expected 'alg' was not 'none'" });
    if (isAsymmetric(parsed.alg)) {
      if (this.#keys === undefined) throw noSuitableKey();
      return verifyAsymmetric(token, this.#keys);
    }
    if (parsed.alg !== "HS256") throw tokenError("algorithm", { details: "The algorithm of the JWT's header is not one that tokens are accepted with" });
    if (this.#secret === undefined) throw noSuitableKey();
    if (!hs256Verify(parsed.signingInput, parsed.signature, this.#secret)) throw tokenError("key", { details: "None of the keys was able to decode the JWT" });
    return undefined;
  }

  #accept(token: string, parsed: CompactToken, trustedUntil: number): Caller {
    const text = decodePart(parsed.payload);
    const claims = text === undefined ? undefined : parseObject(text);
    if (text === undefined || claims === undefined) throw tokenError("claims");
    checkClaims(claims, this.#now(), this.#expected);
    const caller = tokenCaller(claims, text, this.#anonRole);
    this.#verified.set(token, { caller, ...validity(claims), trustedUntil });
    return caller;
  }
}
