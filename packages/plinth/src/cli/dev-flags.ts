import { choice, type FlagValues, text, toggle, withDefault } from "./flags.ts";
import { SERVER_FLAGS } from "./server-flags.ts";
import { TYPES_FORMATS } from "./types-formats.ts";

/** What `plinth dev` takes. */
export const DEV_FLAGS = {
  ...SERVER_FLAGS,
  types: text("FILE", "Where to keep TypeScript types of the schema: written now, and when it changes"),
  typesFormat: withDefault(choice(TYPES_FORMATS, "supabase or kysely, as of plinth gen types (default supabase)"), "supabase"),
  json: toggle("Print one line of JSON: url, ref, anonKey, serviceRoleKey, jwtSecret, databaseUrl"),
};

export type DevFlags = FlagValues<typeof DEV_FLAGS>;
