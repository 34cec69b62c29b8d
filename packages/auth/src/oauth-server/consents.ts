import { randomUUID } from "node:crypto";
import type { AuthTransaction } from "../database/auth-database.ts";
import { now } from "../database/now.ts";
import type { AuthorizationRow } from "./authorization.ts";
import { coversScopes, parseScopes } from "./scopes.ts";

/** Whether the user has let the client do all that before. */
export async function hasConsented(db: AuthTransaction, userId: string, { client_id: clientId, scope }: AuthorizationRow): Promise<boolean> {
  const consent = await db.selectFrom("auth.oauth_consents").select("scopes").where("user_id", "=", userId).where("client_id", "=", clientId).where("revoked_at", "is", null).executeTakeFirst();
  return consent !== undefined && coversScopes(consent.scopes, scope);
}

/** The latest decision holds, as in GoTrue: fewer scopes are fewer. */
export async function rememberConsent(db: AuthTransaction, userId: string, { client_id: clientId, scope }: AuthorizationRow): Promise<void> {
  const scopes = parseScopes(scope).join(" ");
  const at = now();
  await db
    .insertInto("auth.oauth_consents")
    .values({ id: randomUUID(), user_id: userId, client_id: clientId, scopes, granted_at: at })
    .onConflict((conflict) => conflict.columns(["user_id", "client_id"]).doUpdateSet({ scopes, granted_at: at, revoked_at: null }))
    .execute();
}
