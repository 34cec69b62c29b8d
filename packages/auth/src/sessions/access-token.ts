import type { Claims } from "@plinth/core";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { customizeAccessToken } from "../hooks/customize-access-token.ts";
import type { LoadedUser } from "../users/user.ts";
import type { AuthenticationMethod } from "./authentication-method.ts";
import { aalOf, highestAalOf, type LoadedSession } from "./session.ts";

export interface SignedAccessToken {
  readonly token: string;
  /** Whole seconds since 1970. */
  readonly expiresAt: number;
}

/** Signs the access token of a session with the project's present key. The claims are GoTrue's. */
export async function signAccessToken(call: AuthCall, db: AuthTransaction, user: LoadedUser, session: LoadedSession, method: AuthenticationMethod): Promise<SignedAccessToken> {
  const { config } = call;
  const { row } = user;
  const issuedAt = Math.floor(Date.now() / 1_000);
  const aal = aalOf(session);
  const claims: Claims = {
    iss: await call.issuer(),
    sub: row.id,
    aud: row.aud ?? config.jwt.aud,
    exp: Math.min(issuedAt + config.jwt.exp, lowAalEnd(user, session, config.sessions.allowLowAal)),
    iat: issuedAt,
    email: row.email ?? "",
    phone: row.phone ?? "",
    app_metadata: row.raw_app_meta_data ?? {},
    user_metadata: row.raw_user_meta_data ?? {},
    role: row.role || config.jwt.defaultGroupName,
    aal,
    amr: session.claims.map(({ authentication_method: name, updated_at: at }) => ({ method: name, timestamp: Math.floor(at.getTime() / 1_000), ...providerOf(name, user) })),
    session_id: session.row.id,
    is_anonymous: row.is_anonymous,
    ...(session.row.oauth_client_id === null ? {} : { client_id: session.row.oauth_client_id }),
    ...(session.row.scopes === null ? {} : { scope: session.row.scopes }),
  };
  const customized = await customizeAccessToken(call, db, claims, method);
  return { token: await call.tenant.secrets.sign(customized), expiresAt: customized["exp"] as number };
}

/** A user with second factors has only so long to show one. */
function lowAalEnd(user: LoadedUser, session: LoadedSession, allowLowAal: number): number {
  if (allowLowAal === 0 || aalOf(session) >= highestAalOf(user)) return Infinity;
  return Math.floor((session.row.created_at?.getTime() ?? 0) / 1_000) + allowLowAal;
}

function providerOf(method: string, { identities }: LoadedUser): { readonly provider?: string } {
  const identity = method === "sso/saml" ? identities.find(({ provider }) => provider.startsWith("sso:")) : undefined;
  return identity === undefined ? {} : { provider: identity.provider };
}
