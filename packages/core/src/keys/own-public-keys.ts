import { createPublicKey, type KeyObject } from "node:crypto";
import { type OwnPublicKey, type SigningAlgorithm, untilSeconds } from "./verification-keys.ts";

export interface PublicKeyInUse {
  readonly key: KeyObject;
  readonly algorithm: SigningAlgorithm;
  /** Whole seconds since 1970. */
  readonly until: number;
}

/** The project's own public keys by kid. A token finds one by its kid alone: none is tried that it doesn't name. */
export function ownPublicKeys(keys: readonly OwnPublicKey[]): ReadonlyMap<string, PublicKeyInUse> {
  return new Map(keys.map(({ kid, algorithm, jwk, until }) => [kid, { key: createPublicKey({ key: { ...jwk }, format: "jwk" }), algorithm, until: untilSeconds(until) }]));
}
