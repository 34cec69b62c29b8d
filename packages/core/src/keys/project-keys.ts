import type { Caller } from "../tenant/scope.ts";
import { type ActiveApiKey, ApiKeyHolders } from "./api-key-holders.ts";
import { looksLikeApiKey } from "./api-key-form.ts";
import { anonymousCaller } from "./token-caller.ts";
import { systemClock, TokenVerifier, type TokenVerifierOptions } from "./token-verifier.ts";

/** What tells who asks something of a project. Made once per open project. */
export interface ProjectKeys {
  /**
   * Who a credential speaks for, be it a JWT or an opaque key: at once, or as a promise where a signature has to be
   * verified with a public key.
   *
   * @throws BackendError PGRST300–303, 22023, PLINTH_API_KEY_INVALID, PLINTH_API_KEY_EXPIRED,
   * PLINTH_SECRET_KEY_IN_BROWSER, PLINTH_KEY_SET_UNAVAILABLE; or the promise rejects with it
   */
  verify(credential: string, request: Request): Caller | Promise<Caller>;
  /** Whether a request must show something: the project's key, or a token. */
  readonly requireApiKey: boolean;
  /** Who asks where nothing is shown; undefined where there is no anonymous role. */
  readonly anonymous: Caller | undefined;
}

export interface ProjectKeysOptions extends TokenVerifierOptions {
  readonly requireApiKey: boolean;
  /** The opaque keys that were not revoked. */
  readonly apiKeys?: readonly ActiveApiKey[];
}

/** @throws BackendError PLINTH_CONFIG_INVALID as `TokenVerifier` does */
export function createProjectKeys(options: ProjectKeysOptions): ProjectKeys {
  const { ref, apiKeys = [], anonRole, now = systemClock, requireApiKey } = options;
  const verifier = new TokenVerifier(options);
  const holders = new ApiKeyHolders({ ref, apiKeys, anonRole, now });
  return {
    verify: (credential, request) => (looksLikeApiKey(credential) ? holders.holder(credential, request) : verifier.verify(credential)),
    requireApiKey,
    anonymous: anonRole === undefined ? undefined : anonymousCaller(anonRole),
  };
}
