import type { ApiKeyKind } from "../../keys/api-key-form.ts";
import type { SigningAlgorithm } from "../../keys/verification-keys.ts";
import type { Claims } from "../../tenant/scope.ts";

/** An opaque key, as it may be shown: the key itself is not kept. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly kind: ApiKeyKind;
  /** The PostgreSQL role that its holder is. */
  readonly role: string;
  /** Its beginning, to tell it from others by. */
  readonly hint: string;
  readonly createdAt: Date;
  /** Null: never. */
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface CreateApiKeyOptions {
  /** `publishable` keys may be shown to anybody; `secret` ones belong on servers, and are refused from browsers. */
  readonly kind: ApiKeyKind;
  /** For people, 1 to 100 characters. Need not be unique. */
  readonly name: string;
  /** Default: the project's anonymous role for a publishable key, its service role for a secret one. */
  readonly role?: string;
  /** Must be in the future. Null or left out: never. */
  readonly expiresAt?: Date | null;
}

/** What `create` gives: the one time that the key itself is to be had. */
export interface CreatedApiKey extends ApiKey {
  readonly key: string;
}

/** How long what was signed before goes on holding. */
export type Overlap =
  /** In milliseconds from now. 0: not at all. */
  | { readonly overlapMs: number }
  | { readonly until: Date }
  /** Until the earlier key is revoked. */
  | { readonly until: null };

export type RotateJwtSecretOptions = Overlap & {
  /** At least 32 bytes; made by random where absent. */
  readonly jwtSecret?: string;
};

/** The project's keys after `rotateJwtSecret`. */
export interface RotatedJwtSecret {
  readonly jwtSecret: string;
  readonly anonKey: string;
  readonly serviceRoleKey: string;
  /** The former secret, where it still verifies; `revokeSigningKey(kid)` ends that early. */
  readonly previous: { readonly kid: string; readonly verifyUntil: Date | null } | undefined;
}

/**
 * `standby`: published, so that others know it before it signs. `current`: signs new tokens. `previous`: signed tokens
 * that still hold. `revoked`: nothing signed with it holds.
 */
export type SigningKeyStatus = "standby" | "current" | "previous" | "revoked";

/** A key that a project's tokens are signed or verified with, as it may be shown. */
export interface SigningKey {
  readonly kid: string;
  /** HS256: a JWT secret that was the project's before. */
  readonly algorithm: SigningAlgorithm | "HS256";
  readonly status: SigningKeyStatus;
  /** As in the JWKS. Null for HS256. */
  readonly publicJwk: Readonly<Record<string, unknown>> | null;
  readonly createdAt: Date;
  /** Of a previous key: until when tokens signed with it hold. Null: until it is revoked. */
  readonly verifyUntil: Date | null;
}

export interface CreateSigningKeyOptions {
  /** Default: ES256. */
  readonly algorithm?: SigningAlgorithm;
  /** A private key to take instead of a new one, as a JWK (RFC 7517): P-256, RSA of 2048 bits or more, Ed25519. Its `kid` is kept. */
  readonly privateJwk?: Readonly<Record<string, unknown>>;
}

export type RotateSigningKeyOptions = Overlap & {
  /** The standby key to sign with from now on. Default: the oldest standby key. */
  readonly kid?: string;
};

/** A key set (RFC 7517). */
export interface Jwks {
  readonly keys: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

/**
 * The keys of one project: `backend.projects.keys(ref)`. What is changed here holds in this process when the call
 * resolves, and in the others within a second.
 *
 * @throws BackendError from every call: PLINTH_PROJECT_NOT_FOUND, PLINTH_DATABASE_UNAVAILABLE
 */
export interface KeyStore {
  /**
   * Makes an opaque key.
   * @throws BackendError PLINTH_CONFIG_INVALID
   * @example
   * const { key } = await backend.projects.keys("acme").create({ kind: "secret", name: "nightly report" });
   */
  create(options: CreateApiKeyOptions): Promise<CreatedApiKey>;
  /** The opaque keys, oldest first, revoked and expired ones too. */
  list(): Promise<readonly ApiKey[]>;
  /** @throws BackendError PLINTH_KEY_NOT_FOUND, PLINTH_CONFIG_INVALID */
  rename(id: string, name: string): Promise<ApiKey>;
  /**
   * Sets when a key ends; null: never.
   * @throws BackendError PLINTH_KEY_NOT_FOUND, PLINTH_KEY_STATE for a revoked one
   */
  expire(id: string, expiresAt: Date | null): Promise<ApiKey>;
  /** Takes a key back for good. Does nothing where it was before. @throws BackendError PLINTH_KEY_NOT_FOUND */
  revoke(id: string): Promise<ApiKey>;
  /**
   * Gives the project another JWT secret, and with it other anon and service role keys. What was signed with the former
   * one, those keys too, holds until the overlap is over.
   * @throws BackendError PLINTH_CONFIG_INVALID
   */
  rotateJwtSecret(options: RotateJwtSecretOptions): Promise<RotatedJwtSecret>;
  /** Makes an asymmetric key, which is published and on standby. @throws BackendError PLINTH_CONFIG_INVALID */
  createSigningKey(options?: CreateSigningKeyOptions): Promise<SigningKey>;
  /** Newest first, revoked ones too. */
  listSigningKeys(): Promise<readonly SigningKey[]>;
  /**
   * Signs with a standby key from now on; the current one becomes a previous one for the time of the overlap.
   * @returns the current key
   * @throws BackendError PLINTH_KEY_NOT_FOUND, PLINTH_KEY_STATE where there is no standby key
   */
  rotateSigningKey(options: RotateSigningKeyOptions): Promise<SigningKey>;
  /**
   * Ends what was signed with a standby or previous key, at once. Does nothing where it was revoked before.
   * @throws BackendError PLINTH_KEY_NOT_FOUND, PLINTH_KEY_STATE for the current one: rotate first
   */
  revokeSigningKey(kid: string): Promise<SigningKey>;
  /** Puts an asymmetric key that is previous or revoked on standby again. @throws BackendError PLINTH_KEY_NOT_FOUND, PLINTH_KEY_STATE */
  restoreSigningKey(kid: string): Promise<SigningKey>;
  /** Forgets a revoked key. @throws BackendError PLINTH_KEY_NOT_FOUND, PLINTH_KEY_STATE for one that is not revoked */
  deleteSigningKey(kid: string): Promise<void>;
  /** The public keys by which others verify the project's tokens. */
  jwks(): Promise<Jwks>;
  /**
   * Signs a token for the project's API with its current key: HS256 with the JWT secret where it has no other.
   * Times in claims are whole seconds since 1970.
   */
  signToken(claims: Claims): Promise<string>;
}
