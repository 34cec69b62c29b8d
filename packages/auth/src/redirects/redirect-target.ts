import type { AuthCall } from "../endpoint/auth-call.ts";
import { isAllowedRedirect } from "./allowed-redirect.ts";

/**
 * Where a browser is sent in the end: what the request asks for (`redirect_to`, else the header Referer), where that is the
 * site's or allowed; else the site itself. Never anywhere else: an open redirect gives away tokens.
 */
export async function redirectTargetOf(call: AuthCall, asked: string | null = call.query.get("redirect_to") ?? call.request.headers.get("redirect_to")): Promise<string> {
  const site = await siteUrlOf(call);
  if (asked && !isAllowedRedirect(asked, site, call.config.uriAllowList)) warnOf(call, asked, site);
  for (const candidate of [asked, call.request.headers.get("referer")]) {
    if (candidate && isAllowedRedirect(candidate, site, call.config.uriAllowList)) return candidate;
  }
  return site;
}

/** GoTrue says nothing, and people look for long. Paths and queries may have secrets in them. */
function warnOf({ tenant, auth }: AuthCall, asked: string, site: string): void {
  const url = URL.canParse(asked) ? new URL(asked) : undefined;
  const origin = url && `${url.protocol}//${url.host}`;
  auth.warnOnce("A redirect to an address that is not allowed led to the site instead. If it is the application's, allow it in auth.uriAllowList (createBackend(), or the project's settings).", {
    project: tenant.ref, redirectTo: origin ?? "(not an address)", site, ...(origin === undefined ? {} : { uriAllowList: [`${origin}/**`] }),
  });
}

/** The application's address; where none is set, the backend's own. */
export const siteUrlOf = async ({ config, baseUrl }: Pick<AuthCall, "config" | "baseUrl">): Promise<string> => config.siteUrl ?? new URL(await baseUrl()).origin;
