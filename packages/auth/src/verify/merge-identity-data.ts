import { sql } from "kysely";
import type { AuthTransaction } from "../database/auth-database.ts";
import { saved } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import type { Metadata } from "../users/user.ts";

/** Each field that is given replaces the one of its name. */
export async function mergeIdentityData(db: AuthTransaction, identityId: string, changes: Metadata): Promise<void> {
  await saved("Error updating identity", sql`update auth.identities set identity_data = identity_data || ${JSON.stringify(changes)}::jsonb, updated_at = ${now()} where id = ${identityId}`.execute(db));
}
