import type { HmacSecret } from "./hs256.ts";

/** Algorithms that a project's tokens may be signed with by itself (RFC 7518, RFC 8037). */
export type SigningAlgorithm = "ES256" | "RS256" | "EdDSA";

/** An HS256 secret that was the project's before. */
export interface PreviousSecret {
  readonly secret: HmacSecret;
  /** Milliseconds since 1970; null: until it is revoked. */
  readonly until: number | null;
}

/** A public key of the project's own, published in its JWKS. */
export interface OwnPublicKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  /** The public key as a JWK (RFC 7517) with `kid`, `alg` and `use`. */
  readonly jwk: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970; null: until it is revoked. */
  readonly until: number | null;
}

/** Milliseconds, as they are stored, in whole seconds, as tokens have them. */
export const untilSeconds = (until: number | null): number => (until === null ? Infinity : Math.floor(until / 1000));
