import type { Claims } from "@plinth/core";
import { z } from "zod";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { AuthenticationMethod } from "../sessions/authentication-method.ts";
import { invokeHook } from "./invoke-hook.ts";

/** What an access token has to have whatever a hook makes of it (internal/tokens: MinimumViableTokenSchema). */
const claimsSchema = z.looseObject({
  aud: z.union([z.string(), z.array(z.string())]), exp: z.int(), iat: z.int(), sub: z.string(), email: z.string(), phone: z.string(), role: z.string(), aal: z.string(), session_id: z.string(), is_anonymous: z.boolean(),
  app_metadata: z.record(z.string(), z.unknown()).optional(), user_metadata: z.record(z.string(), z.unknown()).optional(),
});

/** The claims as the project's hook returns them; as they are where it has none. */
export async function customizeAccessToken(call: AuthCall, db: AuthTransaction, claims: Claims, method: AuthenticationMethod): Promise<Claims> {
  const output = await invokeHook(call, "customAccessToken", { user_id: claims["sub"], claims, authentication_method: method }, db);
  if (output === undefined) return claims;
  if (output["claims"] === undefined || output["claims"] === null) throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "output claims field is missing" });
  const parsed = claimsSchema.safeParse(output["claims"]);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `- ${path.join(".") || "(root)"}: ${message}`);
  throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: `output claims do not conform to the expected schema: \n${problems.join("\n")}` });
}
