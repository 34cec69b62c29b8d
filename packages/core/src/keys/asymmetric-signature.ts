import type { KeyObject } from "node:crypto";
import { compactVerify, errors } from "jose";
import { BackendError } from "../errors/backend-error.ts";
import { tokenError } from "./errors.ts";
import type { KeySet } from "./key-set.ts";

/** RFC 7518 and RFC 8037. Public keys alone: no secret is ever tried for these. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];

export function isAsymmetric(alg: string): boolean {
  return ALGORITHMS.includes(alg);
}

/**
 * Verifies a token against the keys of a set that fit its algorithm and kid.
 * @throws BackendError PGRST301; PLINTH_KEY_SET_UNAVAILABLE where the set can't be fetched
 */
export async function verifyAsymmetric(token: string, keys: KeySet): Promise<void> {
  try {
    await compactVerify(token, keys, { algorithms: ALGORITHMS });
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return await verifyWithAny(token, error);
    throw refusal(error);
  }
}

/**
 * Verifies a token against this one key, which is for this algorithm alone.
 * @throws BackendError PGRST301
 */
export async function verifyWithKey(token: string, key: KeyObject, alg: string): Promise<void> {
  try {
    await compactVerify(token, key, { algorithms: [alg] });
  } catch (error) {
    throw refusal(error);
  }
}

async function verifyWithAny(token: string, candidates: errors.JWKSMultipleMatchingKeys): Promise<void> {
  for await (const key of candidates) {
    try {
      await compactVerify(token, key, { algorithms: ALGORITHMS });
      return;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw refusal(error);
    }
  }
  throw refusal(undefined);
}

function refusal(error: unknown): BackendError {
  if (error instanceof BackendError) return error;
  if (error instanceof errors.JWKSNoMatchingKey) return noSuitableKey();
  if (error instanceof errors.JWSInvalid) return tokenError("malformed", { cause: error });
  return tokenError("key", { details: "None of the keys was able to decode the JWT", cause: error });
}

export function noSuitableKey(): BackendError {
  return tokenError("key", { details: "No suitable key was found to decode the JWT" });
}
