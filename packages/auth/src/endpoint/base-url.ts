import { mountPathOf, type RequestContext } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { TenantAuth } from "../tenant-auth.ts";

const PREFIX = "/auth/v1";
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|.+\.localhost|backend)$/;

/**
 * Where the project's `/auth/v1` is from outside. A request's Host is whatever its sender wrote: links in mails to others
 * must not lead there, unless it is the machine itself, or a host that is known to be the project's.
 */
export async function baseUrlOf(context: Pick<RequestContext, "request" | "isOwnHost">, { config }: Pick<TenantAuth, "config">): Promise<string> {
  const { request } = context;
  if (config.externalUrl !== undefined) return withPrefix(config.externalUrl);
  const url = new URL(request.url);
  if (LOOPBACK.test(url.hostname) || (await context.isOwnHost())) return requestedBase(request);
  if (config.siteUrl !== undefined) return withPrefix(new URL(config.siteUrl).origin);
  throw new AuthError(AUTH_ERRORS.externalUrlMissing);
}

/** As the request has it, whoever wrote that: for what only its sender gets. */
export function requestedBase(request: Request): string {
  const url = new URL(request.url);
  return url.origin + mountPathOf(request) + url.pathname.slice(0, url.pathname.indexOf(PREFIX)) + PREFIX;
}

function withPrefix(url: string): string {
  const base = url.replace(/\/+$/, "");
  return base.endsWith(PREFIX) ? base : base + PREFIX;
}
