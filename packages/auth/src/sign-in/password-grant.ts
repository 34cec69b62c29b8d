import { z } from "zod";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { checkBody, optionalText } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { invokeHook } from "../hooks/invoke-hook.ts";
import { checkPassword } from "../passwords/check-password.ts";
import { pretendToVerify, verifyPassword } from "../passwords/verify-password.ts";
import { verifyCaptcha } from "../protection/verify-captcha.ts";
import { endSessions } from "../sessions/end-sessions.ts";
import { issueSession } from "../sessions/issue-session.ts";
import { weakPassword, type SessionResponse } from "../sessions/session-response.ts";
import { findUser, type UserKey } from "../users/find-user.ts";
import { formatPhone, lookupEmail } from "../users/normalize-address.ts";
import { hasPassword, isBanned, isEmailConfirmed, isPhoneConfirmed, type LoadedUser } from "../users/user.ts";
import type { Grant } from "./grant.ts";

const bodySchema = z.object({ email: optionalText, phone: optionalText, password: z.string().nullish().transform((value) => value ?? "") });

/** Signs in with a password (RFC 6749, 4.3). */
export const passwordGrant: Grant = {
  rateLimit: "tokenRefresh",
  handle: async (call, given) => {
    await verifyCaptcha(call, given);
    const { email, phone, password } = checkBody(given, bodySchema);
    const key = keyOf(call, email, phone);
    const user = await call.db((db) => findUser(db, key));
    const isRight = await verify(call, user, password);
    if (!user || !hasPassword(user.row)) throw new AuthError(AUTH_ERRORS.invalidCredentials);
    if (isBanned(user.row)) throw new AuthError(AUTH_ERRORS.userBanned);
    await askHook(call, user, isRight);
    if (!isRight) throw new AuthError(AUTH_ERRORS.invalidCredentials);
    if ("email" in key && !isEmailConfirmed(user.row) && !call.config.mailer.allowUnverifiedEmailSignIns) throw new AuthError(AUTH_ERRORS.emailNotConfirmed);
    if ("phone" in key && !isPhoneConfirmed(user.row)) throw new AuthError(AUTH_ERRORS.phoneNotConfirmed);
    const session = await call.db(async (db) => {
      await audit(call, db, { action: "login", actor: user.row, traits: { provider: "email" in key ? "email" : "phone" } });
      return issueSession(call, db, user, "password");
    });
    return json({ ...session, ...(await weakness(call, password)) });
  },
};

function keyOf({ config, aud }: AuthCall, email: string | undefined, phone: string | undefined): UserKey {
  if (email !== undefined && phone !== undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Only an email address or phone number should be provided on login." });
  if (email !== undefined) {
    if (!config.external.email.enabled) throw new AuthError(AUTH_ERRORS.emailLoginsDisabled);
    return { email: lookupEmail(email), aud };
  }
  if (phone === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "missing email or phone" });
  if (!config.external.phone.enabled) throw new AuthError(AUTH_ERRORS.phoneLoginsDisabled);
  return { phone: formatPhone(phone), aud };
}

/** Takes as long for nobody as for somebody. */
async function verify({ config }: AuthCall, user: LoadedUser | undefined, password: string): Promise<boolean> {
  if (user && hasPassword(user.row)) return verifyPassword(password, user.row.encrypted_password!);
  await pretendToVerify(password, config.password.cost);
  return false;
}

/** A hook that counts attempts may refuse even a right password. */
async function askHook(call: AuthCall, { row }: LoadedUser, valid: boolean): Promise<void> {
  const output = await invokeHook(call, "passwordVerificationAttempt", { user_id: row.id, valid });
  if (output?.["decision"] !== "reject") return;
  if (output["should_logout_user"] === true) await call.db((db) => endSessions(db, row.id, "global", undefined));
  const message = typeof output["message"] === "string" && output["message"] !== "" ? output["message"] : "Further password verification attempts will be rejected.";
  throw new AuthError(AUTH_ERRORS.invalidCredentials, { message });
}

/** The rules may have become stricter since it was set. */
async function weakness(call: AuthCall, password: string): Promise<Pick<SessionResponse, "weak_password">> {
  try {
    await checkPassword(password, call);
    return {};
  } catch (error) {
    return error instanceof AuthError && error.weakPasswordReasons ? { weak_password: weakPassword(error) } : {};
  }
}
