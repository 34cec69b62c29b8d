import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { unverifiedRef } from "../keys/unverified-ref.ts";

/**
 * Which project a request is for: what its apikey says (verified later, with that project's own secret),
 * else what its Bearer token says, else the only project there is.
 */
export function resolveRef(request: Request, onlyRef: string | undefined): string {
  const apikey = request.headers.get("apikey");
  const named = (apikey && unverifiedRef(apikey)) || bearerRef(request);
  const ref = named || onlyRef;
  if (!ref) throw new BackendError(CORE_ERRORS.tenantNotNamed);
  return ref;
}

function bearerRef(request: Request): string | undefined {
  const authorization = request.headers.get("authorization");
  return authorization?.startsWith("Bearer ") ? unverifiedRef(authorization.slice(7)) : undefined;
}
