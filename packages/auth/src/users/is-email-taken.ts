import { sql } from "kysely";
import type { AuthTransaction } from "../database/auth-database.ts";

/**
 * Whether an address is another user's already: as its own, or as that of one of its identities (those of SSO aside,
 * where two may have one address).
 *
 * @param email in lower case
 * @param exceptId the user that the address is for
 */
export async function isEmailTaken(db: AuthTransaction, email: string, aud: string, exceptId?: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from auth.users where aud = ${aud} and id is distinct from ${exceptId ?? null}::uuid and id in (
      select id from auth.users where email = ${email} and is_sso_user = false
      union all select user_id from auth.identities where email = ${email} and provider not like 'sso:%')
    limit 1`.execute(db);
  return rows.length > 0;
}
