import type { AuthCall } from "../endpoint/auth-call.ts";
import { siteUrlOf } from "../redirects/redirect-target.ts";

/** Who asks for credentials: the application (WebAuthn Level 3, 5.4.2). */
export interface RelyingParty {
  /** Its domain. */
  readonly id: string;
  /** As the authenticator shows it. */
  readonly name: string;
  /** Of the pages that may ask. */
  readonly origins: readonly string[];
  /** Milliseconds that somebody may take to answer. */
  readonly timeout: number;
}

/** By the project's settings; else the site's own host and origin. */
export async function relyingPartyOf(call: Pick<AuthCall, "config" | "baseUrl">): Promise<RelyingParty> {
  const { rpId, rpDisplayName, rpOrigins, challengeExpiryDuration } = call.config.webauthn;
  const site = rpId === undefined || rpOrigins === undefined ? new URL(await siteUrlOf(call)) : undefined;
  const id = rpId ?? site!.hostname;
  return { id, name: rpDisplayName ?? id, origins: rpOrigins ?? [site!.origin], timeout: challengeExpiryDuration * 1_000 };
}
