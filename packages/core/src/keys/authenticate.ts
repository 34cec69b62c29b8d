import type { Caller } from "../tenant/scope.ts";
import { bearerToken } from "./bearer-token.ts";
import { tokenError } from "./errors.ts";
import type { ProjectKeys } from "./project-keys.ts";

/**
 * Who a request comes from. Both the `apikey` header and the Bearer token must hold where they are shown; the Bearer
 * decides, unless it is the key once more. A promise only where a signature has to be verified with a public key.
 *
 * @throws BackendError PGRST300–303, 22023 or PLINTH_KEY_SET_UNAVAILABLE; or the promise rejects with it
 */
export function authenticate(request: Request, keys: ProjectKeys): Caller | Promise<Caller> {
  const apikey = request.headers.get("apikey");
  const bearer = bearerToken(request);
  if (apikey === "") throw tokenError("empty", { message: "Empty JWT is sent in apikey header" });
  if (apikey === null) return bearer === undefined ? withoutKey(keys) : keys.verifier.verify(bearer);
  const keyHolder = keys.verifier.verify(apikey);
  if (bearer === undefined || bearer === apikey) return keyHolder;
  if (keyHolder instanceof Promise) return keyHolder.then(() => keys.verifier.verify(bearer));
  return keys.verifier.verify(bearer);
}

function withoutKey(keys: ProjectKeys): Caller {
  if (keys.requireApiKey) throw tokenError("required", { hint: "Send the project's anon key in the apikey header, or a token in the Authorization header." });
  if (keys.anonymous === undefined) throw tokenError("required");
  return keys.anonymous;
}
