import { z } from "zod";
import { OAuthError } from "../auth-error.ts";
import { checkBody, optionalText } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { refreshSession } from "../sessions/refresh-session.ts";
import type { Grant } from "./grant.ts";

const bodySchema = z.object({ refresh_token: optionalText });

/** RFC 6749, 6. */
export const refreshTokenGrant: Grant = {
  rateLimit: "tokenRefresh",
  handle: async (call, body) => {
    const { refresh_token: shown } = checkBody(body, bodySchema);
    if (shown === undefined) throw new OAuthError("invalid_request", "refresh_token required");
    return json(await refreshSession(call, shown));
  },
};
