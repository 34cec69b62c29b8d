import { audit } from "../../audit/record-audit-entry.ts";
import { AuthError } from "../../auth-error.ts";
import type { AuthTransaction } from "../../database/auth-database.ts";
import { isUniqueViolation, saved } from "../../database/database-errors.ts";
import { now } from "../../database/now.ts";
import type { AuthCall } from "../../endpoint/auth-call.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { createIdentity } from "../../identities/create-identity.ts";
import { deleteOneTimeTokens } from "../../one-time-tokens/one-time-token.ts";
import { checkPassword } from "../../passwords/check-password.ts";
import { hashPassword } from "../../passwords/hash-password.ts";
import { endSessions } from "../../sessions/end-sessions.ts";
import { findUser } from "../../users/find-user.ts";
import { mergeMetadata } from "../../users/merge-metadata.ts";
import { normalizeEmail, normalizePhone } from "../../users/normalize-address.ts";
import { type LoadedUser, toUser } from "../../users/user.ts";
import { actorOf } from "../actor-of.ts";
import { bannedUntil } from "../ban-duration.ts";
import { loadTarget } from "../load-target.ts";
import { attributesSchema, type UserAttributes } from "./user-attributes.ts";

/** Changes a user, without any mail and without anybody's confirmation. */
export const adminUserUpdate = defineEndpoint({
  id: "auth.admin.users.update",
  method: "PUT",
  path: "/admin/users/:userId",
  access: "admin",
  body: attributesSchema,
  handle: async (call, attributes) => {
    await call.db((db) => loadTarget(call, db));
    const change = await changeOf(call, attributes);
    return json(toUser(await call.db((db) => update(call, db, change))));
  },
});

interface UserChange {
  readonly attributes: UserAttributes;
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly passwordHash: string | undefined;
  readonly bannedUntil: Date | null | undefined;
}

/** Checked, and hashed before there is a transaction. */
async function changeOf(call: AuthCall, attributes: UserAttributes): Promise<UserChange> {
  const { email, phone, password } = attributes;
  const change = { attributes, email: email === undefined ? undefined : normalizeEmail(email), phone: phone === undefined ? undefined : normalizePhone(phone), bannedUntil: bannedUntil(attributes.ban_duration) };
  if (password === undefined) return { ...change, passwordHash: undefined };
  await checkPassword(password, call);
  return { ...change, passwordHash: await hashPassword(password, call.config.password.cost) };
}

async function update(call: AuthCall, db: AuthTransaction, change: UserChange): Promise<LoadedUser> {
  const user = await loadTarget(call, db, { forUpdate: true });
  const { id } = user.row;
  if (change.email !== undefined) await setIdentity(db, user, "email", { email: change.email, email_verified: change.attributes.email_confirm ?? false });
  if (change.phone !== undefined) await setIdentity(db, user, "phone", { phone: change.phone, phone_verified: change.attributes.phone_confirm ?? false });
  const writing = db.updateTable("auth.users").set(columnsOf(user, change)).where("id", "=", id).returningAll().executeTakeFirstOrThrow();
  const row = await saved("Error updating user", writing).catch(renameConflict);
  if (change.passwordHash !== undefined) await endSessions(db, id, "global", undefined);
  if (change.passwordHash !== undefined || change.attributes.email_confirm || change.attributes.phone_confirm) await deleteOneTimeTokens(db, id);
  await audit(call, db, { action: "user_modified", actor: actorOf(call), traits: { user_id: id, user_email: row.email, user_phone: row.phone } });
  return (await findUser(db, { id })) ?? { ...user, row };
}

/** Links that were sent before don't hold for the new password: whoever reads that mailbox is perhaps why it is changed. */
const WITHOUT_TOKENS = {
  confirmation_token: "", confirmation_sent_at: null, recovery_token: "", recovery_sent_at: null, email_change_token_current: "", email_change_token_new: "", email_change_sent_at: null,
  phone_change_token: "", phone_change_sent_at: null, reauthentication_token: "", reauthentication_sent_at: null,
};

/** All in one statement, so that triggers see one change. What is undefined is left as it is. */
function columnsOf({ row }: LoadedUser, { attributes, email, phone, passwordHash, bannedUntil: until }: UserChange): object {
  const { role, email_confirm: confirmsEmail, phone_confirm: confirmsPhone, app_metadata: ofApp } = attributes;
  const isReached = (email !== undefined && confirmsEmail) || (phone !== undefined && confirmsPhone);
  const at = now();
  return {
    updated_at: at,
    role, email, phone, banned_until: until,
    ...(confirmsEmail ? { email_confirmed_at: at, confirmation_token: "" } : {}),
    ...(confirmsPhone ? { phone_confirmed_at: at, confirmation_token: "" } : {}),
    ...(passwordHash === undefined ? {} : { ...WITHOUT_TOKENS, encrypted_password: passwordHash }),
    is_anonymous: row.is_anonymous && isReached ? false : undefined,
    raw_user_meta_data: userMetadataOf(row, attributes),
    raw_app_meta_data: ofApp && JSON.stringify(mergeMetadata(row.raw_app_meta_data, ofApp)),
  };
}

function userMetadataOf({ raw_user_meta_data: present }: LoadedUser["row"], { email_confirm: email, phone_confirm: phone, user_metadata: changes }: UserAttributes): string | undefined {
  if (changes === undefined && !email && !phone) return undefined;
  const verified = { ...(email ? { email_verified: true } : {}), ...(phone ? { phone_verified: true } : {}) };
  return JSON.stringify(mergeMetadata(mergeMetadata(present, verified), changes));
}

/** The identity of that kind says what the user's address is. */
async function setIdentity(db: AuthTransaction, { row, identities }: LoadedUser, provider: "email" | "phone", data: Readonly<Record<string, unknown>>): Promise<void> {
  const present = identities.find((identity) => identity.provider === provider);
  if (present === undefined) {
    await createIdentity(db, { userId: row.id, provider, providerId: row.id, data: { sub: row.id, email_verified: false, phone_verified: false, ...data } });
    return;
  }
  const merged = JSON.stringify(mergeMetadata(present.identity_data, data));
  await saved("Error updating user", db.updateTable("auth.identities").set({ identity_data: merged, updated_at: now() }).where("id", "=", present.id).execute());
}

function renameConflict(error: unknown): never {
  if (isUniqueViolation(error, "users_email_partial_key")) throw new AuthError(AUTH_ERRORS.emailExists, { cause: error });
  if (isUniqueViolation(error, "users_phone_key")) throw new AuthError(AUTH_ERRORS.phoneExists, { message: "Phone number already registered by another user", cause: error });
  throw error;
}
