import type { Caller } from "../tenant/scope.ts";
import { anonymousCaller } from "./token-caller.ts";
import { TokenVerifier, type TokenVerifierOptions } from "./token-verifier.ts";

/** What tells who asks something of a project. Made once per open project. */
export interface ProjectKeys {
  readonly verifier: TokenVerifier;
  /** Whether a request must show something: the project's key, or a token. */
  readonly requireApiKey: boolean;
  /** Who asks where nothing is shown; undefined where there is no anonymous role. */
  readonly anonymous: Caller | undefined;
}

export interface ProjectKeysOptions extends TokenVerifierOptions {
  readonly requireApiKey: boolean;
}

/** @throws BackendError PLINTH_CONFIG_INVALID as `TokenVerifier` does */
export function createProjectKeys(options: ProjectKeysOptions): ProjectKeys {
  const anonymous = options.anonRole === undefined ? undefined : anonymousCaller(options.anonRole);
  return { verifier: new TokenVerifier(options), requireApiKey: options.requireApiKey, anonymous };
}
