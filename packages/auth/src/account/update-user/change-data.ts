import { audit } from "../../audit/record-audit-entry.ts";
import { AuthError } from "../../auth-error.ts";
import type { AuthTransaction } from "../../database/auth-database.ts";
import { saved } from "../../database/database-errors.ts";
import { now } from "../../database/now.ts";
import type { UserCall } from "../../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { findUser } from "../../users/find-user.ts";
import { mergeMetadata } from "../../users/merge-metadata.ts";
import type { CheckedUpdate } from "./checked-update.ts";

/** Merges metadata, and notes the change. @throws BackendError database_raised */
export async function changeData(call: UserCall, db: AuthTransaction, { data, app_metadata: appMetadata }: CheckedUpdate): Promise<void> {
  const { id } = call.user.row;
  if (data !== undefined || appMetadata !== undefined) {
    const user = await findUser(db, { id }, { forUpdate: true });
    if (user === undefined) throw new AuthError(AUTH_ERRORS.userOfTokenNotFound);
    await saved("Error updating user", db
      .updateTable("auth.users")
      .set({
        ...(data === undefined ? {} : { raw_user_meta_data: JSON.stringify(mergeMetadata(user.row.raw_user_meta_data, data)) }),
        ...(appMetadata === undefined ? {} : { raw_app_meta_data: JSON.stringify(mergeMetadata(user.row.raw_app_meta_data, appMetadata)) }),
        updated_at: now(),
      })
      .where("id", "=", id)
      .execute());
  }
  await audit(call, db, { action: "user_modified", actor: call.user.row });
}
