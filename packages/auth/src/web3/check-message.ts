import { OAuthError } from "../auth-error.ts";
import { isAllowedRedirect } from "../redirects/allowed-redirect.ts";
import type { SignInMessage } from "./sign-in-message.ts";

export interface MessageContext {
  /** "Ethereum" */
  readonly title: string;
  /** Seconds that a message is good for, whatever it says itself. */
  readonly maximumValidity: number;
  readonly siteUrl: string;
  readonly allowList: readonly string[];
}

/**
 * Whether a message was signed for this application, and now.
 * @throws BackendError invalid_grant
 */
export function checkMessage({ uri, domain, issuedAt, expirationTime, notBefore }: SignInMessage, { title, maximumValidity, siteUrl, allowList }: MessageContext, at = Date.now()): void {
  const refuse = (why: string): never => {
    throw new OAuthError("invalid_grant", why);
  };
  const isLocal = uri.hostname === "localhost";
  if (uri.protocol !== "https:" && !isLocal) refuse(`Signed ${title} message is using URI which does not use HTTPS`);
  if (!isAllowedRedirect(uri.href, siteUrl, allowList)) refuse(`Signed ${title} message is using URI which is not allowed on this server, message was signed for another app`);
  if (uri.host !== domain.toLowerCase() || (!isLocal && !isAllowedRedirect(`https://${domain}/`, siteUrl, allowList))) {
    refuse(`Signed ${title} message is using a Domain that does not match the one in URI which is not allowed on this server`);
  }
  if (notBefore !== undefined && at < notBefore.getTime()) refuse(`Signed ${title} message becomes valid in the future`);
  if (expirationTime !== undefined && at > expirationTime.getTime()) refuse(`Signed ${title} message is expired`);
  if (at > issuedAt.getTime() + maximumValidity * 1_000) refuse(`${title} message was issued too long ago`);
  if (at < issuedAt.getTime() - maximumValidity * 1_000) refuse(`${title} message was issued too far in the future`);
}
