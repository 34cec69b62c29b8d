import type { Service } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";

const PATH = "/.well-known/oauth-authorization-server";

/**
 * Where clients look for the server's metadata by its issuer: the well-known path goes before the issuer's own (RFC 8414,
 * 3.1), so it is outside of `/auth/v1`. It shows no key: a host's project answers, or the only one.
 */
export function createHostMetadataService({ handle, renderError }: Pick<Service, "handle" | "renderError">): Service {
  return {
    name: "auth-metadata",
    prefix: `${PATH}/auth/v1`,
    isOpen: (path) => path === "/",
    operation: () => "auth.oauth-authorization-server",
    handle: async (context) => {
      if (context.path !== "/") throw new AuthError(AUTH_ERRORS.routeNotFound);
      return handle({ ...context, path: PATH });
    },
    renderError,
  };
}
