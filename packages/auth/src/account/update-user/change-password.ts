import { audit } from "../../audit/record-audit-entry.ts";
import { AuthError } from "../../auth-error.ts";
import type { AuthTransaction } from "../../database/auth-database.ts";
import type { OneTimeTokenType } from "../../database/auth-tables.ts";
import { saved } from "../../database/database-errors.ts";
import { now } from "../../database/now.ts";
import type { UserCall } from "../../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { reloaded } from "../../identities/update-user.ts";
import { sendNotification } from "../../mail/send-notification.ts";
import { ageOf, deleteOneTimeTokens, findOneTimeToken } from "../../one-time-tokens/one-time-token.ts";
import { hashPassword } from "../../passwords/hash-password.ts";
import { verifyPassword } from "../../passwords/verify-password.ts";
import { endSessions } from "../../sessions/end-sessions.ts";
import { findUser } from "../../users/find-user.ts";
import { hasPassword } from "../../users/user.ts";
import type { CheckedUpdate } from "./checked-update.ts";

/** Milliseconds after signing in in which a password may be changed without a nonce. */
const FRESH = 24 * 60 * 60 * 1_000;

/** A password that may be set. */
export interface NewPassword {
  readonly hash: string;
  /** That allows it, where one is needed: used up with the change. */
  readonly nonce: string | undefined;
  /** Waiting for confirmation by the same request: these tokens are kept. */
  readonly kept: readonly OneTimeTokenType[];
}

/**
 * Whether the password may be changed; nothing is written yet.
 * @returns undefined where it isn't to be changed
 * @throws BackendError reauthentication_needed, reauthentication_not_valid, current_password_required, current_password_invalid, same_password
 */
export async function checkPasswordChange(call: UserCall, { password, nonce, current_password: current, email, phone }: CheckedUpdate): Promise<NewPassword | undefined> {
  if (password === undefined) return undefined;
  const needsNonce = call.config.security.updatePasswordRequireReauthentication && !isFresh(call);
  if (needsNonce) await call.db((db) => checkNonce(call, db, nonce));
  await checkOldPassword(call, password, current);
  const kept: OneTimeTokenType[] = [...(email === undefined ? [] : (["email_change_token_new", "email_change_token_current"] as const)), ...(phone === undefined ? [] : (["phone_change_token"] as const))];
  return { hash: await hashPassword(password, call.config.password.cost), nonce: needsNonce ? nonce : undefined, kept };
}

const isFresh = ({ session }: UserCall): boolean => session !== undefined && Date.now() - (session.row.created_at?.getTime() ?? 0) <= FRESH;

async function checkNonce(call: UserCall, db: AuthTransaction, nonce: string | undefined): Promise<void> {
  if (nonce === undefined) throw new AuthError(AUTH_ERRORS.reauthenticationNeeded);
  const { id, email, phone } = call.user.row;
  const { mailer, sms } = call.config;
  const token = await findOneTimeToken(call, db, ["reauthentication_token"], { address: email || phone || "", code: nonce });
  if (token === undefined || token.user_id !== id || ageOf(token) > (email ? mailer.otpExp : sms.otpExp)) throw new AuthError(AUTH_ERRORS.reauthenticationNotValid);
}

async function checkOldPassword({ user: { row }, session, config }: UserCall, password: string, current: string | undefined): Promise<void> {
  if (!hasPassword(row)) return;
  const hash = row.encrypted_password!;
  // Who has forgotten it can't tell it.
  const isRecovery = session?.claims.some(({ authentication_method: method }) => method === "recovery") ?? false;
  if (config.security.updatePasswordRequireCurrentPassword && !isRecovery) {
    if (current === undefined) throw new AuthError(AUTH_ERRORS.currentPasswordRequired);
    if (!(await verifyPassword(current, hash))) throw new AuthError(AUTH_ERRORS.currentPasswordInvalid);
  }
  if (await verifyPassword(password, hash)) throw new AuthError(AUTH_ERRORS.samePassword);
}

/** Sets it. What the old one may have led to is void: links and codes under way, and the user's other sessions. */
export async function changePassword(call: UserCall, db: AuthTransaction, { hash, nonce, kept }: NewPassword): Promise<void> {
  const { id } = call.user.row;
  // Held, so that of parallel requests with one nonce one alone goes on.
  await findUser(db, { id }, { forUpdate: true });
  if (nonce !== undefined) await checkNonce(call, db, nonce);
  const changesEmail = kept.includes("email_change_token_new");
  const changesPhone = kept.includes("phone_change_token");
  await saved("Error during password storage", db
    .updateTable("auth.users")
    .set({
      encrypted_password: hash, confirmation_sent_at: null, recovery_sent_at: null, reauthentication_sent_at: null, updated_at: now(),
      ...(changesEmail ? {} : { email_change_sent_at: null }), ...(changesPhone ? {} : { phone_change_sent_at: null }),
    })
    .where("id", "=", id)
    .execute());
  const voided = ALL.filter((type) => !kept.includes(type));
  await deleteOneTimeTokens(db, id, voided);
  await endSessions(db, id, call.session ? "others" : "global", call.session?.row.id);
  await audit(call, db, { action: "user_updated_password", actor: call.user.row });
  const user = await reloaded(db, call.user);
  call.afterCommit(db, { run: () => sendNotification(call, { kind: "passwordChanged", user }) });
}

const ALL: readonly OneTimeTokenType[] = ["confirmation_token", "reauthentication_token", "recovery_token", "email_change_token_new", "email_change_token_current", "phone_change_token"];
