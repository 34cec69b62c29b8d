import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { limitAttempts } from "../protection/limit-rate.ts";
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
  body: challengeBodySchema,
  handle: async (userCall, body) => {
    const call = requireSession(userCall);
    // An allowance of its own: whoever verifies has begun to before.
    if (call.ip !== undefined) await limitAttempts(call, "mfa", `challenge ${call.ip}`);
    const factor = namedFactor(call);
    return json(await kindOf(call, factor).challenge(call, factor.id, body));
  },
});
