import type { Statement } from "@plinth/core";

/**
 * Who names bytes in a release that might have been there already holds this for the moment of doing so, together with
 * others; who forgets bytes that no release names holds it alone.
 */
const KEY = "hashtextextended('plinth assets blobs', 0)";

export const NAMING: Statement = { sql: `select pg_advisory_xact_lock_shared(${KEY})`, parameters: [] };
export const DELETING: Statement = { sql: `select pg_advisory_xact_lock(${KEY})`, parameters: [] };
