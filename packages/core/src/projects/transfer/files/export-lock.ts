/** Two halves of one key, in the project's own database. */
const KEY = "1886153070, 1702391919";

/** Of an embedded database's session, which is everybody's: how many there are. */
const COUNT = "coalesce(nullif(current_setting('plinth.exports', true), ''), '0')";
const count = (change: string): string => `select set_config('plinth.exports', (${COUNT}::integer ${change})::text, false)`;

/**
 * Whoever exports a project with its files locks before the first look at the rows, outside of a transaction, and unlocks
 * after the last byte, which on a server is to end the session. Sessions of one embedded database are one, so that
 * no lock keeps them apart.
 */
export const EXPORT_LOCK = {
  native: { lock: `select pg_advisory_lock_shared(${KEY})` },
  embedded: { lock: count("+ 1"), unlock: count("- 1") },
} as const;

/**
 * SQL, a condition: whether somebody exports the database's project with its files just now. To be asked on the primary,
 * once no row names the files any more and that is committed, before the bytes themselves go: an export that begins later
 * doesn't see those rows. Now and then it holds because somebody else asks at the same moment; what is kept because of it is
 * left to a sweep.
 */
export const EXPORT_UNDER_WAY_SQL = `(select ${COUNT} <> '0' or not pg_catalog.pg_try_advisory_xact_lock(${KEY}))`;
