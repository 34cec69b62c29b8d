import type { AuthCall } from "../endpoint/auth-call.ts";
import { isAllowedRedirect } from "./allowed-redirect.ts";

/**
 * Where a browser is sent in the end: what the request asks for (`redirect_to`, else the header Referer), where that is the
 * site's or allowed; else the site itself. Never anywhere else: an open redirect gives away tokens.
 */
export async function redirectTargetOf(call: AuthCall, asked: string | null = call.query.get("redirect_to") ?? call.request.headers.get("redirect_to")): Promise<string> {
  const site = await siteUrlOf(call);
  for (const candidate of [asked, call.request.headers.get("referer")]) {
    if (candidate && isAllowedRedirect(candidate, site, call.config.uriAllowList)) return candidate;
  }
  return site;
}

/** The application's address; where none is set, the backend's own. */
export const siteUrlOf = async ({ config, baseUrl }: Pick<AuthCall, "config" | "baseUrl">): Promise<string> => config.siteUrl ?? new URL(await baseUrl()).origin;
