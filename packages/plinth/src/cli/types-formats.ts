import type { TypesFormat } from "@plinth/rest";

/** As flags name them. */
export const TYPES_FORMATS = ["supabase", "kysely"] as const satisfies readonly TypesFormat[];
