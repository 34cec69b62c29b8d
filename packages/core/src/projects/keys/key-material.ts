import type { ActiveApiKey } from "../../keys/api-key-holders.ts";
import type { TokenSigner } from "../../keys/token-signer.ts";
import type { OwnPublicKey, PreviousSecret } from "../../keys/verification-keys.ts";

/** All that a project's tokens and keys are verified and signed with, besides its `jwtSecret`. Never leaves the process. */
export interface KeyMaterial {
  /** Opaque keys that were not revoked; those that have expired among them. */
  readonly apiKeys: readonly ActiveApiKey[];
  /** HS256 secrets that were the project's before. */
  readonly previousSecrets: readonly PreviousSecret[];
  /** Public keys of its own. */
  readonly signingKeys: readonly OwnPublicKey[];
  /** Signs with the current key: the `jwtSecret` where there is no other. */
  readonly sign: TokenSigner;
}
