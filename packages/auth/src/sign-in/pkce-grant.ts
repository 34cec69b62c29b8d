import { z } from "zod";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import { checkBody, optionalText } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { isVerifier } from "../flow-state/code-challenge.ts";
import { openProviderTokens, takeFlowState } from "../flow-state/flow-state.ts";
import type { AuthenticationMethod } from "../sessions/authentication-method.ts";
import { issueSession } from "../sessions/issue-session.ts";
import { findUser } from "../users/find-user.ts";
import { isBanned } from "../users/user.ts";
import type { Grant } from "./grant.ts";

const bodySchema = z.object({ auth_code: optionalText, code_verifier: optionalText });

/** Exchanges the code that a browser was sent back with (RFC 7636, 4.5). A code is good for one try. */
export const pkceGrant: Grant = {
  rateLimit: "tokenRefresh",
  handle: async (call, given) => {
    const { auth_code: code, code_verifier: verifier } = checkBody(given, bodySchema);
    if (code === undefined || verifier === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "invalid request: both auth code and code verifier should be non-empty" });
    const outcome = await call.db(async (db) => {
      const flow = await takeFlowState(call, db, code);
      if (flow.code_challenge === null || flow.code_challenge_method === null || !isVerifier(verifier, { challenge: flow.code_challenge, method: flow.code_challenge_method })) return undefined;
      const user = flow.user_id === null ? undefined : await findUser(db, { id: flow.user_id });
      if (user === undefined) throw new AuthError(AUTH_ERRORS.flowStateNotFound);
      if (isBanned(user.row)) throw new AuthError(AUTH_ERRORS.userBanned);
      await audit(call, db, { action: "login", actor: user.row, traits: { provider_type: flow.provider_type } });
      return { ...(await issueSession(call, db, user, flow.authentication_method as AuthenticationMethod, { notAfter: flow.session_not_after ?? undefined })), ...(await openProviderTokens(call, flow)) };
    });
    if (outcome === undefined) throw new AuthError(AUTH_ERRORS.badCodeVerifier);
    return json(outcome);
  },
};
