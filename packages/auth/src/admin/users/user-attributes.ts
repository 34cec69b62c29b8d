import { z } from "zod";
import { optionalObject, optionalText } from "../../endpoint/read-json.ts";

/** For a column of 255 characters. */
const shortText = z.string().max(255).nullish().transform((value) => value || undefined);

/** What an administrator says of a user: `AdminUserAttributes` of @supabase/auth-js. */
export const attributesSchema = z.object({
  id: optionalText,
  aud: shortText,
  role: shortText,
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
