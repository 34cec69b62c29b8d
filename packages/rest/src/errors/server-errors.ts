import type { ErrorDefinition } from "@plinth/core";

/** Trouble between the service and its database, group PGRST0xx: https://docs.postgrest.org/en/stable/references/errors.html */
export const SERVER_ERRORS = {
  connectionFailed: { code: "PGRST000", status: 503, message: "Database connection error." },
  connectionLost: { code: "PGRST001", status: 503, message: "Database client error. Retrying the connection." },
  noSchemaCache: { code: "PGRST002", status: 503, message: "Could not query the database for the schema cache. Retrying." },
  poolTimeout: { code: "PGRST003", status: 504, message: "Timed out acquiring connection from connection pool." },
} as const satisfies Record<string, ErrorDefinition>;

/** Headers of what may be over in a moment. In seconds (RFC 9110, 10.2.3). */
export const RETRY_SOON = { "Retry-After": "1" } as const;
