import { z } from "zod";
import { AuthError } from "../../auth-error.ts";
import type { UserCall } from "../../endpoint/auth-call.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { optionalObject, optionalText } from "../../endpoint/read-json.ts";
import { isAdmin } from "../../endpoint/require-user.ts";
import { json } from "../../endpoint/respond.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { pkceOf } from "../../flow-state/code-challenge.ts";
import { checkPassword } from "../../passwords/check-password.ts";
import { aalOf, highestAalOf } from "../../sessions/session.ts";
import { channelOf } from "../../sms/channel.ts";
import { findUser } from "../../users/find-user.ts";
import { normalizeEmail, normalizePhone } from "../../users/normalize-address.ts";
import { toUser } from "../../users/user.ts";
import { checkAddressesFree, changeAddresses } from "./change-addresses.ts";
import { changeData } from "./change-data.ts";
import { changePassword, checkPasswordChange } from "./change-password.ts";
import type { CheckedUpdate } from "./checked-update.ts";

const bodySchema = z.object({
  email: optionalText, phone: optionalText, channel: optionalText, password: z.string().nullish(), current_password: optionalText, nonce: optionalText,
  data: optionalObject, app_metadata: optionalObject, code_challenge: optionalText, code_challenge_method: optionalText,
});
type UserUpdate = z.infer<typeof bodySchema>;

/** Changes the user's own account. New addresses are confirmed by what is sent there. */
export const updateUser = defineEndpoint({
  id: "auth.user.update",
  method: "PUT",
  path: "/user",
  access: "user",
  body: bodySchema,
  rateLimit: "otp",
  handle: async (call, body) => {
    const update = await check(call, body);
    const pkce = pkceOf(body);
    await checkAddressesFree(call, update);
    const newPassword = await checkPasswordChange(call, update);
    // First what may fail at somebody else's server: nothing of the rest is changed then.
    await changeAddresses(call, update, pkce);
    await call.db(async (db) => {
      if (newPassword !== undefined) await changePassword(call, db, newPassword);
      await changeData(call, db, update);
    });
    const user = await call.db((db) => findUser(db, { id: call.user.row.id }));
    if (user === undefined) throw new AuthError(AUTH_ERRORS.userOfTokenNotFound);
    return json(toUser(user));
  },
});

async function check(call: UserCall, body: UserUpdate): Promise<CheckedUpdate> {
  const { row } = call.user;
  const email = body.email === undefined ? undefined : normalizeEmail(body.email);
  const phone = body.phone === undefined ? undefined : normalizePhone(body.phone);
  const channel = channelOf(phone === undefined ? undefined : body.channel);
  const password = body.password ?? undefined;
  if (password !== undefined) await checkPassword(password, call);
  if (body.app_metadata !== undefined && !isAdmin(call)) throw new AuthError(AUTH_ERRORS.notAdmin, { message: "Updating app_metadata requires admin privileges" });
  const update: CheckedUpdate = { ...body, password, channel, email: email === row.email ? undefined : email, phone: phone === row.phone ? undefined : phone };
  checkRights(call, update);
  if (row.is_anonymous && password !== undefined && email === undefined && phone === undefined) {
    throw new AuthError(AUTH_ERRORS.validationFailed, { status: 422, message: "Updating password of an anonymous user without an email or phone is not allowed" });
  }
  return update;
}

function checkRights({ user, session }: UserCall, { password, email, phone, nonce }: CheckedUpdate): void {
  const changesSignIn = password !== undefined || email !== undefined || phone !== undefined;
  if (changesSignIn && highestAalOf(user) === "aal2" && (session === undefined || aalOf(session) === "aal1")) throw new AuthError(AUTH_ERRORS.insufficientAal, { status: 401 });
  if (user.row.is_sso_user && (changesSignIn || nonce !== undefined)) throw new AuthError(AUTH_ERRORS.userSsoManaged);
}
