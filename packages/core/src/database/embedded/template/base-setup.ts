/**
 * What is done to every template. An embedded project has one database, so those that others would be copied from are
 * dropped: that is two thirds of the files, and nothing vacuums them, so they would hold back the transaction ids.
 */
export const BASE_SETUP: readonly string[] = [
  "update pg_database set datistemplate = false where datname in ('template0', 'template1')",
  "drop database template0",
  "drop database template1",
];

/** Run after any set-up, so that no fresh database has to do it. */
export const LAST_SETUP: readonly string[] = ["vacuum (freeze, analyze)", "checkpoint", "checkpoint"];
