import type { SessionResponse } from "../sessions/session-response.ts";

/**
 * The address with the session in the fragment, which no server sees: the implicit flow.
 * @param target checked
 * @param type what was verified: "recovery", say
 */
export function sessionRedirect(target: string, session: SessionResponse, type?: string): string {
  const url = new URL(target);
  const fragment = new URLSearchParams({
    access_token: session.access_token, expires_at: String(session.expires_at), expires_in: String(session.expires_in), refresh_token: session.refresh_token, token_type: session.token_type,
  });
  if (session.provider_token !== undefined) fragment.set("provider_token", session.provider_token);
  if (session.provider_refresh_token !== undefined) fragment.set("provider_refresh_token", session.provider_refresh_token);
  if (type !== undefined) fragment.set("type", type);
  // Tells clients that it is ours.
  fragment.set("sb", "");
  url.hash = fragment.toString();
  return url.href;
}

/** The address with a code in the query, which only who began can redeem: PKCE. @param target checked */
export function codeRedirect(target: string, code: string): string {
  const url = new URL(target);
  url.searchParams.set("code", code);
  return url.href;
}
