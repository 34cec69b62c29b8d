import { z } from "zod";
import { optionalObject, optionalText } from "../../endpoint/read-json.ts";

/** What an administrator says of a user: `AdminUserAttributes` of @supabase/auth-js. */
export const attributesSchema = z.object({
  id: optionalText,
  aud: optionalText,
  role: optionalText,
  email: optionalText,
  phone: optionalText,
  /** "" is one that is too short, where null is none. */
  password: z.string().nullish().transform((value) => value ?? undefined),
  password_hash: optionalText,
  email_confirm: z.boolean().nullish(),
  phone_confirm: z.boolean().nullish(),
  user_metadata: optionalObject,
  app_metadata: optionalObject,
  /** "24h", "none", … */
  ban_duration: optionalText,
});

export type UserAttributes = z.infer<typeof attributesSchema>;
