import type { AuthCall } from "../endpoint/auth-call.ts";
import type { LoadedUser } from "../users/user.ts";
import { parseScopes } from "./scopes.ts";
import { userClaims } from "./user-claims.ts";

/** With HS256 only the project itself could verify one, and whoever could would be able to make any token of the project's. */
export const canSignIdTokens = ({ tenant }: Pick<AuthCall, "tenant">): boolean => tenant.secrets.sign.algorithm !== "HS256";

/** Seconds. */
const LIFETIME = 3_600;

/**
 * The project of none: an id_token is signed with the key that signs access tokens, and is handed to others. With this
 * claim it opens nothing here, whatever role a database gives to a token that names none.
 */
const NO_PROJECT = "-";

export interface IdTokenOptions {
  readonly user: LoadedUser;
  readonly clientId: string;
  readonly scope: string;
  readonly nonce: string | undefined;
  /** When the user was there. */
  readonly authTime: Date;
}

/** Tells a client who has signed in (OpenID Connect Core, 2). @returns undefined where none was asked for, or the key is none that others can verify with */
export async function signIdToken(call: AuthCall, { user, clientId, scope, nonce, authTime }: IdTokenOptions): Promise<string | undefined> {
  const scopes = parseScopes(scope);
  if (!scopes.includes("openid") || !canSignIdTokens(call)) return undefined;
  const issuedAt = Math.floor(Date.now() / 1_000);
  return call.tenant.secrets.sign({
    iss: await call.issuer(),
    sub: user.row.id,
    aud: clientId,
    ref: NO_PROJECT,
    iat: issuedAt,
    exp: issuedAt + LIFETIME,
    auth_time: Math.floor(authTime.getTime() / 1_000),
    ...(nonce === undefined ? {} : { nonce }),
    ...userClaims(user, scopes),
  });
}
