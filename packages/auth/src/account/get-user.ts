import { AuthError } from "../auth-error.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { toUser } from "../users/user.ts";

/** The user that the token is of, as it is now. */
export const getUser = defineEndpoint({
  id: "auth.user.get",
  method: "GET",
  path: "/user",
  access: "user",
  oauthClients: true,
  handle: async ({ aud, caller, user, config }) => {
    const { aud: claimed } = caller.claims;
    const own = Array.isArray(claimed) ? (claimed as unknown[])[0] : claimed;
    if ((own ?? config.jwt.aud) !== aud) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Token audience doesn't match request audience" });
    return json(toUser(user));
  },
});
