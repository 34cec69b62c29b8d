import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import { reply } from "../../http/reply.ts";
import type { ErrorContext, RequestContext, Service } from "../../service/service.ts";
import type { Jwks } from "./key-store.ts";

/** Below the Auth service's prefix, where Supabase's clients look for it. */
const PREFIX = "/auth/v1/.well-known/jwks.json";
const PATH = "/";

/** As GoTrue's. A new key is published before it signs, so nobody misses one for as long. */
const CACHE_CONTROL = "public, max-age=600";

export interface JwksServiceOptions {
  /** The public keys of a project. */
  readonly jwks: (ref: string) => Promise<Jwks>;
}

/**
 * Answers with the public keys by which the tokens of a project are verified (RFC 7517), to everybody: no key has to be
 * shown. In-process and other verifiers need nothing else of a project.
 */
export function createJwksService({ jwks }: JwksServiceOptions): Service {
  return {
    name: "jwks",
    prefix: PREFIX,
    isOpen: (path) => path === PATH,
    handle: async ({ request, tenant, path }) => {
      if (path !== PATH) throw new BackendError(CORE_ERRORS.routeNotFound, { hint: null });
      if (request.method !== "GET" && request.method !== "HEAD") throw new BackendError(CORE_ERRORS.routeNotFound, { message: "The key set can only be read.", status: 405, hint: null, headers: { Allow: "GET, HEAD" } });
      return json(request, await jwks(tenant.ref), 200, { "cache-control": CACHE_CONTROL });
    },
    renderError,
  };
}

function renderError(error: unknown, { request }: ErrorContext): Response {
  const known = error instanceof BackendError ? error : new BackendError(CORE_ERRORS.internal);
  const { code, message, details, hint, status, headers } = known;
  return json(request, { code, message, details, hint }, status, headers);
}

function json({ method }: RequestContext["request"], body: unknown, status: number, headers: Readonly<Record<string, string>>): Response {
  const text = JSON.stringify(body);
  return reply(method === "HEAD" ? null : text, { status, headers: { "content-type": "application/json; charset=utf-8", "content-length": String(Buffer.byteLength(text)), ...headers } });
}
