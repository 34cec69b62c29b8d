import { timingSafeEqual } from "node:crypto";
import { AuthError, OAuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { ExternalProfile } from "../identities/external-profile.ts";
import type { ProfileSource, Provider } from "./provider.ts";
import { verifyIdToken, type VerifiedIdToken } from "./verify-id-token.ts";

/** The profile in the id_token that came with a code's tokens. */
export async function readIdTokenProfile(source: ProfileSource, provider: Provider): Promise<ExternalProfile> {
  if (provider.idTokens === undefined) throw new AuthError(AUTH_ERRORS.oauthProviderNotSupported);
  return provider.idTokens.toProfile(await verifyReturnedIdToken(source, provider));
}

/** @throws BackendError where there is none, it is for somebody else, or it answers another request */
export async function verifyReturnedIdToken({ tokens, client, nonce }: ProfileSource, { idTokens, clientIds, skipNonceCheck }: Provider): Promise<VerifiedIdToken> {
  const { idToken, accessToken } = tokens;
  if (idTokens === undefined || idToken === undefined) throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "The provider sent no id_token" });
  const token = await verifyIdToken(client, idToken, { issuer: await idTokens.issuerOf(client, idToken), audiences: clientIds, accessToken });
  // One of several that the token is meant for must be the one that asked (OpenID Connect Core, 3.1.3.7, 4 and 5).
  const azp = token["azp"] ?? (Array.isArray(token.aud) && token.aud.length > 1 ? null : clientIds[0]);
  if (!clientIds.some((id) => id === azp)) throw new OAuthError("invalid request", "Unacceptable authorized party in id_token");
  if (nonce !== undefined && !skipNonceCheck && !isSame(token["nonce"], nonce)) throw new OAuthError("invalid nonce", "Nonces mismatch");
  return token;
}

/** Compared without telling how far they agree. */
export function isSame(given: unknown, expected: string): boolean {
  const [a, b] = [Buffer.from(typeof given === "string" ? given : ""), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
