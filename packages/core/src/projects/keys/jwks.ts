import type { KeyMaterial } from "./key-material.ts";
import type { Jwks } from "./key-store.ts";

/** The public keys by which tokens hold now, and those that may sign before long. */
export function jwksOf({ signingKeys }: Pick<KeyMaterial, "signingKeys">, now = Date.now()): Jwks {
  return { keys: signingKeys.filter(({ until }) => until === null || until > now).map(({ jwk }) => jwk) };
}
