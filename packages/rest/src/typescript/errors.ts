import type { ErrorDefinition } from "@plinth/core";

/** What keeps types from being written. */
export const TYPES_ERRORS = {
  schemaNotFound: { code: "PLINTH_SCHEMA_NOT_FOUND", status: 404, message: "The database has no such schema." },
} as const satisfies Record<string, ErrorDefinition>;
