import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { challengeBodySchema } from "./factor-bodies.ts";
import { kindOf, namedFactor } from "./factor-kinds.ts";
import { requireSession } from "./require-session.ts";

/** Begins to show a factor: what has to be answered, and until when. */
export const challengeFactor = defineEndpoint({
  id: "auth.mfa.challenge",
  method: "POST",
  path: "/factors/:factorId/challenge",
  access: "user",
  notAnonymous: true,
  rateLimit: "mfa",
  body: challengeBodySchema,
  handle: async (userCall, body) => {
    const call = requireSession(userCall);
    const factor = namedFactor(call);
    return json(await kindOf(call, factor).challenge(call, factor.id, body));
  },
});
