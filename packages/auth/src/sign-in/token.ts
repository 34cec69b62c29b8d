import { AuthError } from "../auth-error.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { limitRate } from "../protection/limit-rate.ts";
import type { Grant } from "./grant.ts";
import { idTokenGrant } from "./id-token-grant.ts";
import { passwordGrant } from "./password-grant.ts";
import { pkceGrant } from "./pkce-grant.ts";
import { refreshTokenGrant } from "./refresh-token-grant.ts";
import { web3Grant } from "./web3-grant.ts";
import { z } from "zod";

/** By `grant_type`. */
const GRANTS: Readonly<Record<string, Grant>> = {
  password: passwordGrant,
  refresh_token: refreshTokenGrant,
  pkce: pkceGrant,
  id_token: idTokenGrant,
  web3: web3Grant,
};

/** Gives a session for a password, a refresh token, an authorization code, … */
export const token = defineEndpoint({
  id: "auth.token",
  method: "POST",
  path: "/token",
  access: "open",
  body: z.unknown(),
  handle: async (call, body) => {
    const type = call.query.get("grant_type") ?? "";
    const grant = Object.hasOwn(GRANTS, type) ? GRANTS[type] : undefined;
    if (grant === undefined) throw new AuthError(AUTH_ERRORS.invalidCredentials, { message: "unsupported_grant_type" });
    await limitRate(call, grant.rateLimit);
    return grant.handle(call, body);
  },
});
