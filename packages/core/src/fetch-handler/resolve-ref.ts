import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { bearerToken } from "../keys/bearer-token.ts";
import { createRefReader } from "../keys/unverified-ref.ts";
import { isProjectRef } from "../projects/project-ref.ts";

/** @throws BackendError PLINTH_TENANT_NOT_NAMED where nothing tells; PLINTH_PROJECT_NOT_FOUND for what can be no project's ref */
export type RefResolver = (request: Request) => string;

/**
 * Which project a request is for: the one its apikey names (verified later, with that project's own secret),
 * else the one its Bearer token names, else the default project.
 */
export function createRefResolver(defaultRef: string | undefined): RefResolver {
  const refOf = createRefReader();
  return (request) => {
    const apikey = request.headers.get("apikey");
    const ref = (apikey && refOf(apikey)) || bearerRef(request, refOf) || defaultRef;
    if (!ref) throw new BackendError(CORE_ERRORS.tenantNotNamed);
    // Nobody has vouched for it yet: not even a lookup is made for just any text.
    if (!isProjectRef(ref)) throw new BackendError(CORE_ERRORS.projectNotFound);
    return ref;
  };
}

function bearerRef(request: Request, refOf: (token: string) => string | undefined): string | undefined {
  const token = bearerToken(request);
  return token === undefined ? undefined : refOf(token);
}
