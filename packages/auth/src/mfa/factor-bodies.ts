import { z } from "zod";
import { optionalText } from "../endpoint/read-json.ts";

export const challengeBodySchema = z.object({ channel: optionalText });

const webauthnSchema = z.object({ type: optionalText, credential_response: z.unknown().optional() });

export const verifyBodySchema = z.object({
  challenge_id: z.uuid("challenge_id must be an UUID").nullish().transform((id) => id ?? "00000000-0000-0000-0000-000000000000"),
  code: optionalText,
  webauthn: webauthnSchema.nullish(),
});
