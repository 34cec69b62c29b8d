import { isUuid } from "@plinth/core";
import type { Updateable } from "kysely";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { UsersTable } from "../database/auth-tables.ts";
import { saved } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import type { UserCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { sendNotification } from "../mail/send-notification.ts";
import { deleteOneTimeTokens } from "../one-time-tokens/one-time-token.ts";
import { findUser } from "../users/find-user.ts";
import { isEmailTaken } from "../users/is-email-taken.ts";
import type { IdentityRow, LoadedUser } from "../users/user.ts";
import { updateProviders } from "./create-identity.ts";
import { requireManualLinking } from "./require-manual-linking.ts";
import { addUserMetadata } from "./update-user.ts";

/** Takes one of a user's ways to sign in away; the last one stays. */
export const unlinkIdentity = defineEndpoint({
  id: "auth.identity.unlink",
  method: "DELETE",
  path: "/user/identities/:identityId",
  access: "user",
  requires: requireManualLinking,
  handle: async (call) => {
    const id = call.params["identityId"];
    if (!isUuid(id)) throw new AuthError(AUTH_ERRORS.validationFailed, { status: 404, message: "identity_id must be an UUID" });
    await call.db((db) => unlink(call, db, id));
    return json({});
  },
});

async function unlink(call: UserCall, db: AuthTransaction, id: string): Promise<void> {
  // Held: of two requests at once each would find the other's identity left.
  const user = (await findUser(db, { id: call.user.row.id }, { forUpdate: true })) ?? call.user;
  if (user.identities.length <= 1) throw new AuthError(AUTH_ERRORS.singleIdentityNotDeletable);
  const identity = user.identities.find((each) => each.id === id.toLowerCase());
  if (identity === undefined) throw new AuthError(AUTH_ERRORS.identityNotFound);
  const { provider } = identity;
  await audit(call, db, { action: "identity_unlinked", actor: user.row, traits: { identity_id: id, provider, provider_id: identity.provider_id } });
  await db.deleteFrom("auth.identities").where("id", "=", identity.id).execute();
  const left = user.identities.filter((each) => each !== identity);
  if (provider === "phone") await change(db, user, { phone: null, phone_confirmed_at: null });
  else await keepAnEmail(call, db, user, left);
  await updateProviders(db, user.row.id);
  // To the address from before: another identity's may have taken its place.
  call.afterCommit(db, { run: () => sendNotification(call, { kind: "identityUnlinked", user, to: user.row.email ?? undefined, provider }) });
}

/** The user's address stays as long as an identity has it; else another identity's takes its place (UpdateUserEmailFromIdentities). */
async function keepAnEmail({ config, aud }: UserCall, db: AuthTransaction, user: LoadedUser, identities: readonly IdentityRow[]): Promise<void> {
  const { id, email } = user.row;
  if (identities.some((identity) => (identity.email ?? "") === (email ?? ""))) return;
  const next = await firstFree(db, [...identities].sort((a, b) => rank(a) - rank(b)), user.row.aud ?? aud, id);
  if (next === undefined) throw new AuthError(AUTH_ERRORS.emailConflictIdentityNotDeletable);
  const confirmed = next.email !== null && (isVerified(next) || config.mailer.autoconfirm);
  // What is on its way was asked for under the former address.
  await change(db, user, {
    email: next.email, confirmation_token: "", confirmation_sent_at: null, recovery_token: "", recovery_sent_at: null, email_change: "", email_change_token_current: "", email_change_token_new: "",
    email_change_sent_at: null, email_change_confirm_status: 0, phone_change: "", phone_change_token: "", phone_change_sent_at: null, reauthentication_token: "", reauthentication_sent_at: null,
    ...(confirmed ? {} : { email_confirmed_at: null }),
  });
  await deleteOneTimeTokens(db, id);
  if (!confirmed) await addUserMetadata(db, id, { email_verified: false });
}

const isVerified = ({ identity_data: data }: IdentityRow): boolean => data["email_verified"] === true;
/** Verified addresses first, then others, then none. */
const rank = (identity: IdentityRow): number => (identity.email === null ? 2 : isVerified(identity) ? 0 : 1);

async function firstFree(db: AuthTransaction, identities: readonly IdentityRow[], aud: string, userId: string): Promise<IdentityRow | undefined> {
  for (const identity of identities) if (identity.email === null || !(await isEmailTaken(db, identity.email, aud, userId))) return identity;
  return undefined;
}

async function change(db: AuthTransaction, { row }: LoadedUser, changes: Updateable<UsersTable>): Promise<void> {
  await saved("Database error updating user", db.updateTable("auth.users").set({ ...changes, updated_at: now() }).where("id", "=", row.id).execute());
}
