import { randomBytes, randomUUID } from "node:crypto";
import type { Selectable } from "kysely";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { OAuthAuthorizationsTable } from "../database/auth-tables.ts";
import { now } from "../database/now.ts";
import type { AuthCall, UserCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { isAllowedRedirect } from "../redirects/allowed-redirect.ts";
import { siteUrlOf } from "../redirects/redirect-target.ts";
import type { AuthorizationRequest } from "./authorization-request.ts";

/**
 * What a client asks of a user. "pending" until the user has decided, "approved" once a code was given for it, and
 * "expired" when that has been redeemed: the row stays, so that a code which comes again is known for what it is. The
 * session that a code becomes has the row's id.
 */
export type AuthorizationRow = Readonly<Selectable<OAuthAuthorizationsTable>>;

/** Seconds in which a code has to be redeemed (RFC 6749, 4.1.2: ten minutes at most). */
const CODE_TTL = 300;

/** What `oauth_authorizations.authorization_code` keeps of a code. */
export const codeDigest = ({ tenant }: Pick<AuthCall, "tenant">, code: string): Promise<string> => tenant.secrets.digest(code, "auth.oauth-code");

/** @returns the id under which the user's application asks for it */
export async function createAuthorization({ config }: AuthCall, db: AuthTransaction, clientId: string, request: AuthorizationRequest): Promise<string> {
  const at = now();
  const id = randomBytes(24).toString("base64url");
  await db
    .insertInto("auth.oauth_authorizations")
    .values({
      id: randomUUID(), authorization_id: id, client_id: clientId, redirect_uri: request.redirectUri, scope: request.scope, state: request.state ?? null, resource: request.resource ?? null,
      nonce: request.nonce ?? null, code_challenge: request.codeChallenge, code_challenge_method: "s256", created_at: at, expires_at: new Date(at.getTime() + Math.max(1, config.oauthServer.authorizationTtl) * 1_000),
    })
    .execute();
  return id;
}

/** Any that is undecided, held for the transaction. @throws BackendError oauth_authorization_not_found, validation_failed where it was decided upon */
export async function pendingAuthorization({ params }: AuthCall, db: AuthTransaction): Promise<AuthorizationRow> {
  const row = await db.selectFrom("auth.oauth_authorizations").selectAll().where("authorization_id", "=", params["authorizationId"] ?? "").forUpdate().executeTakeFirst();
  if (row === undefined || row.expires_at.getTime() < Date.now()) throw new AuthError(AUTH_ERRORS.oauthAuthorizationNotFound);
  if (row.status !== "pending") throw new AuthError(AUTH_ERRORS.validationFailed, { message: "authorization request is no longer pending" });
  return row;
}

/** @returns the code, which nobody is told a second time */
export async function approve(call: AuthCall, db: AuthTransaction, { id }: AuthorizationRow): Promise<string> {
  const code = randomBytes(32).toString("base64url");
  const at = now();
  await db
    .updateTable("auth.oauth_authorizations")
    .set({ status: "approved", approved_at: at, expires_at: new Date(at.getTime() + CODE_TTL * 1_000), authorization_code: await codeDigest(call, code) })
    .where("id", "=", id)
    .execute();
  return code;
}

export async function deny(db: AuthTransaction, { id }: AuthorizationRow): Promise<void> {
  await db.updateTable("auth.oauth_authorizations").set({ status: "denied" }).where("id", "=", id).execute();
}

/**
 * The application's own pages decide for its users: not another's that a browser has open.
 * @throws BackendError validation_failed for an Origin that is not the site's or allowed
 */
export async function requireOwnOrigin(call: UserCall): Promise<void> {
  const origin = call.request.headers.get("origin");
  if (!origin || isAllowedRedirect(origin, await siteUrlOf(call), call.config.uriAllowList)) return;
  throw new AuthError(AUTH_ERRORS.validationFailed, { message: "unauthorized request origin" });
}
