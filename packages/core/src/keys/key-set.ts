import { createLocalJWKSet, createRemoteJWKSet, type CryptoKey, errors, type FlattenedJWSInput, type JSONWebKeySet, type JWK, type JWSHeaderParameters } from "jose";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { JwksSource } from "../projects/project.ts";
import { tokenError } from "./errors.ts";

/** Finds the public key for a token, by its algorithm and kid (RFC 7517). Rejects as jose's key sets do. */
export type KeySet = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

/** After this long a fetched set is fetched again; so a key that its issuer took back is good no longer. In milliseconds. */
export const KEY_SET_MAX_AGE = 600_000;

/** An issuer is not asked again within this time, whether it failed or lacked a kid: strangers can't make us call it. In milliseconds. */
const COOL_DOWN = 30_000;
const FETCH_TIMEOUT = 5_000;

/** The members of private keys (RFC 7518, section 6), which verifying needs nothing of. */
const PRIVATE_MEMBERS = new Set(["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"]);

/**
 * @throws BackendError PLINTH_CONFIG_INVALID where the source is no key set
 */
export function createKeySet(source: JwksSource): KeySet {
  if (source.keys !== undefined) return givenKeys(source.keys);
  if (source.url !== undefined) return fetchedKeys(source.url);
  throw invalid("give the keys, or the URL of a key set.");
}

function givenKeys(keys: NonNullable<JwksSource["keys"]>): KeySet {
  if (keys.some((key) => key["kty"] === "oct")) throw invalid("a symmetric key is no public key: give the secret as jwtSecret.");
  const publicKeys = keys.map((key) => Object.fromEntries(Object.entries(key).filter(([name]) => !PRIVATE_MEMBERS.has(name))) as unknown as JWK);
  try {
    return createLocalJWKSet({ keys: publicKeys });
  } catch (cause) {
    throw invalid("the keys are not JSON Web Keys.", cause);
  }
}

function fetchedKeys(address: string): KeySet {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) throw invalid("the URL must begin with https:// or http://.");
  const remote = createRemoteJWKSet(new URL(address), { cacheMaxAge: KEY_SET_MAX_AGE, cooldownDuration: COOL_DOWN, timeoutDuration: FETCH_TIMEOUT });
  let failure: { readonly cause: unknown; readonly until: number } | undefined;
  return async (header, token) => {
    if (failure !== undefined && performance.now() < failure.until) return await lastKnownKeys(remote.jwks(), failure.cause)(header, token);
    try {
      return await remote(header, token);
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys || cause instanceof errors.JOSENotSupported) throw cause;
      failure = { cause, until: performance.now() + COOL_DOWN };
      return await lastKnownKeys(remote.jwks(), cause)(header, token);
    }
  };
}

/** While an issuer is away, the keys it last gave still count. */
function lastKnownKeys(keys: JSONWebKeySet | undefined, cause: unknown): KeySet {
  if (keys === undefined) throw tokenError("keySetUnavailable", { cause });
  return createLocalJWKSet(keys);
}

function invalid(problem: string, cause?: unknown): BackendError {
  return new BackendError(CORE_ERRORS.configInvalid, { message: `A project's jwks is not valid: ${problem}`, cause });
}
