import { createHash } from "node:crypto";
import { OAuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";

/** What `oauth_client_states.provider_type` has of messages that were used. */
export const USED_MESSAGE = "web3:used";

/**
 * A signed message is good once, even within its time: who saw it on its way can't sign in with it. Its digest is kept
 * among the states of providers, which live as long.
 *
 * @throws BackendError invalid_grant
 */
export async function useMessage({ tenant }: AuthCall, db: AuthTransaction, text: string): Promise<void> {
  const digest = createHash("sha256").update(await tenant.secrets.digest(text, "auth.web3-message")).digest("hex");
  // A UUID of version 8 (RFC 9562): made of something else than chance.
  const id = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  const kept = await db
    .insertInto("auth.oauth_client_states")
    .values({ id, provider_type: USED_MESSAGE, created_at: now() })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (kept === undefined) throw new OAuthError("invalid_grant", "The signed message was used already");
}
