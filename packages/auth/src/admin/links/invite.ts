import { z } from "zod";
import { audit } from "../../audit/record-audit-entry.ts";
import { AuthError } from "../../auth-error.ts";
import { now } from "../../database/now.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { optionalObject } from "../../endpoint/read-json.ts";
import { json } from "../../endpoint/respond.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { afterUserCreated, beforeUserCreated } from "../../hooks/user-created.ts";
import { sendAuthMail } from "../../mail/send-auth-mail.ts";
import { requestTokens } from "../../one-time-tokens/request-tokens.ts";
import { redirectTargetOf } from "../../redirects/redirect-target.ts";
import { findUser } from "../../users/find-user.ts";
import { normalizeEmail } from "../../users/normalize-address.ts";
import { undoCreation } from "../../users/undo-creation.ts";
import { isEmailConfirmed, toUser } from "../../users/user.ts";
import { actorOf } from "../actor-of.ts";
import { createMailUser, mailUser } from "./create-mail-user.ts";

/** Makes a user for an address, where there is none, and mails a link by which it signs in and is confirmed. */
export const invite = defineEndpoint({
  id: "auth.invite",
  method: "POST",
  path: "/invite",
  access: "admin",
  body: z.object({ email: z.string().nullish(), data: optionalObject }),
  handle: async (call, body) => {
    const email = normalizeEmail(body.email ?? "");
    const redirectTo = await redirectTargetOf(call);
    const fresh = mailUser(call, email, body.data);
    const isNew = (await call.db((db) => findUser(db, { email, aud: call.aud }))) === undefined;
    if (isNew) await beforeUserCreated(call, fresh);
    const invited = await call.db(async (db) => {
      const found = await findUser(db, { email, aud: call.aud }, { forUpdate: true });
      if (found && isEmailConfirmed(found.row)) throw new AuthError(AUTH_ERRORS.emailExists);
      const user = found ?? (await createMailUser(db, fresh));
      if (found === undefined) undoCreation(call, db, user.row.id);
      await audit(call, db, { action: "user_invited", actor: actorOf(call), traits: { user_id: user.row.id, user_email: email } });
      if (found === undefined) call.afterCommit(db, { undo: async (undoing) => void (await undoing.deleteFrom("auth.users").where("id", "=", user.row.id).execute()) });
      const request = { sentAt: "confirmation_sent_at", maxFrequency: 0, tooEarly: "overEmailSendRateLimit", changes: { invited_at: now() } } as const;
      const requested = await requestTokens(call, db, user, { ...request, tokens: [{ type: "confirmation_token", address: email, length: call.config.mailer.otpLength }] });
      await sendAuthMail(call, db, { type: "invite", to: email, user: requested.user, token: requested.tokens[0]!, redirectTo });
      return requested.user;
    });
    if (isNew) await afterUserCreated(call, fresh);
    return json(toUser(invited));
  },
});
