import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";

/** Name of the WITH query that holds the rows a mutation returned or a routine gave; the read plan then selects from it. */
export const SOURCE_RELATION: QualifiedIdentifier = { schema: "", name: "pgrst_source" };
