import { isLoopbackAddress, mountPathOf, remoteAddressOf, type RequestContext } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { TenantAuth } from "../tenant-auth.ts";

const PREFIX = "/auth/v1";
/** What goes before the path of an issuer to find its metadata (RFC 8414, 3.1). */
const WELL_KNOWN = /\/\.well-known\/oauth-authorization-server$/;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|.+\.localhost|backend)$/;

/**
 * Where the project's `/auth/v1` is from outside. A request's Host is whatever its sender wrote: links in mails to others
 * must not lead there, unless it is the machine itself and the request comes from there, or a host that is known to be the project's.
 */
export async function baseUrlOf(context: Pick<RequestContext, "request" | "isOwnHost" | "tenant">, { config, warnOnce }: Pick<TenantAuth, "config" | "warnOnce">): Promise<string> {
  const { request } = context;
  if (config.externalUrl !== undefined) return withPrefix(config.externalUrl);
  const isOfMachine = LOOPBACK.test(new URL(request.url).hostname);
  if ((isOfMachine && isFromMachine(request)) || (await context.isOwnHost())) return requestedBase(request);
  if (isOfMachine) warnOnce("A request from elsewhere names this machine as its host: links don't lead there. Set auth.externalUrl, under which clients reach the backend.", { project: context.tenant.ref, host: new URL(request.url).host });
  if (config.siteUrl !== undefined) return withPrefix(new URL(config.siteUrl).origin);
  throw new AuthError(AUTH_ERRORS.externalUrlMissing);
}

/** In process there is no connection. */
function isFromMachine(request: Request): boolean {
  const address = remoteAddressOf(request);
  return address === undefined || isLoopbackAddress(address.replace(/^::ffff:/, ""));
}

/** As the request has it, whoever wrote that: for what only its sender gets. */
export function requestedBase(request: Request): string {
  const url = new URL(request.url);
  const above = url.pathname.slice(0, url.pathname.indexOf(PREFIX)).replace(WELL_KNOWN, "");
  return url.origin + mountPathOf(request) + above + PREFIX;
}

function withPrefix(url: string): string {
  const base = url.replace(/\/+$/, "");
  return base.endsWith(PREFIX) ? base : base + PREFIX;
}
