import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { sendNotification } from "../mail/send-notification.ts";
import { findUser } from "../users/find-user.ts";
import { deleteFactor } from "./delete-factor.ts";
import { findFactor, isVerified } from "./find-factor.ts";
import { isAal2, requireSession } from "./require-session.ts";

/** Takes a factor off. One that is verified only in a session in which a second factor was shown. */
export const unenrollFactor = defineEndpoint({
  id: "auth.mfa.unenroll",
  method: "DELETE",
  path: "/factors/:factorId",
  access: "user",
  notAnonymous: true,
  handle: async (userCall) => {
    const call = requireSession(userCall);
    const { user, session } = call;
    const factor = await call.db(async (db) => {
      await findUser(db, { id: user.row.id }, { forUpdate: true });
      const found = await findFactor(db, user.row.id, call.params["factorId"]!);
      if (isVerified(found) && !isAal2(session)) throw new AuthError(AUTH_ERRORS.insufficientAal, { status: 422, message: "AAL2 required to unenroll verified factor" });
      await deleteFactor(db, found);
      await audit(call, db, { action: "factor_unenrolled", actor: user.row, traits: { factor_id: found.id, factor_status: found.status, session_id: session.row.id } });
      return found;
    });
    await sendNotification(call, { kind: "mfaFactorUnenrolled", user, factorType: factor.factor_type });
    return json({ id: factor.id });
  },
});
