import type { Caller } from "../tenant/scope.ts";
import { bearerToken } from "./bearer-token.ts";
import { tokenError } from "./errors.ts";
import type { ProjectKeys } from "./project-keys.ts";

export interface AuthenticateOptions {
  /** The key that was shown. Default: the `apikey` header. */
  readonly apikey?: string | null;
  /** Nothing has to be shown; what is, must hold all the same. */
  readonly isOpen?: boolean;
}

/**
 * Who a request comes from. Both the `apikey` header and the Bearer token must hold where they are shown; the Bearer
 * decides, unless it is the key once more. A promise only where a signature has to be verified with a public key.
 *
 * @param apikey the key that was shown
 * @throws BackendError as `ProjectKeys.verify`, and PGRST302; or the promise rejects with it
 */
export function authenticate(request: Request, keys: ProjectKeys, { apikey = request.headers.get("apikey"), isOpen = false }: AuthenticateOptions = {}): Caller | Promise<Caller> {
  const bearer = bearerToken(request);
  if (apikey === "") throw tokenError("empty", { message: "Empty JWT is sent in apikey header" });
  if (apikey === null) return bearer === undefined ? withoutKey(keys, isOpen) : keys.verify(bearer, request);
  const keyHolder = keys.verify(apikey, request);
  if (bearer === undefined || bearer === apikey) return keyHolder;
  if (keyHolder instanceof Promise) return keyHolder.then(() => keys.verify(bearer, request));
  return keys.verify(bearer, request);
}

function withoutKey(keys: ProjectKeys, isOpen: boolean): Caller {
  if (keys.requireApiKey && !isOpen) throw tokenError("required", { hint: "Send the project's anon key in the apikey header, or a token in the Authorization header." });
  if (keys.anonymous === undefined) throw tokenError("required");
  return keys.anonymous;
}
