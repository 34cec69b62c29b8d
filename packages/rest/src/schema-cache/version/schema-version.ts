import type { RawResult, Statement } from "@plinth/core";
import { FINGERPRINT_SQL } from "./fingerprint-sql.ts";

/** Apart from the schema `plinth`, which nobody but the owner may use. */
export const PUBLIC_SCHEMA = "plinth_public";

/** Holds a row for each change that no later one has seen: `record_schema_change()` of the set-up. */
export const SCHEMA_CHANGES = `${PUBLIC_SCHEMA}.schema_changes`;

/** The event triggers by which the table is kept. */
export const DDL_TRIGGERS = { command: "plinth_ddl_command", drop: "plinth_ddl_drop" };

/** What tells one schema of a database from the next: the table of changes, or a look through the catalogs. */
export type VersionSource = "changes" | "catalogs";

/** Equal only as long as nothing has changed that a schema cache holds. */
export interface SchemaVersion {
  readonly source: VersionSource;
  readonly value: string;
}

const TRIGGERS = `('${DDL_TRIGGERS.command}', '${DDL_TRIGGERS.drop}')`;

/**
 * NULL where the triggers are gone or switched off: changes are not recorded then. Their own versions count as well,
 * lest one go unseen that was made while they were off.
 */
const CHANGES_SQL = `
  SELECT CASE WHEN count(*) = 2 AND bool_and(evtenabled IN ('O', 'A'))
              THEN concat_ws(',', (SELECT string_agg(id::text, ',' ORDER BY id) FROM ${SCHEMA_CHANGES}), string_agg(xmin::text, ',' ORDER BY evtname)) END
    FROM pg_event_trigger WHERE evtname IN ${TRIGGERS}`;

/** One text, or NULL where this source can't tell. */
export const VERSION_SQL: Readonly<Record<VersionSource, string>> = { changes: CHANGES_SQL, catalogs: FINGERPRINT_SQL };

const UNTOLD = new Set(["42P01", "42501", "3F000"]);

/** Whether the database says that it has no table of changes, or none that the login role may read. */
export const isUntold = (error: unknown): boolean => UNTOLD.has((error as { code?: string } | null)?.code ?? "");

type AskCatalog = (statement: Statement) => Promise<RawResult>;

/**
 * Whether `version` is still the database's.
 * @throws what `query` throws
 */
export const isPresent = async ({ source, value }: SchemaVersion, query: AskCatalog): Promise<boolean> => (await versionBy(source, query)) === value;

/**
 * The version that the database has recorded; undefined where it records none.
 * @throws what `query` throws
 */
export async function recordedVersion(query: AskCatalog): Promise<SchemaVersion | undefined> {
  const value = await versionBy("changes", query);
  return value === undefined ? undefined : { source: "changes", value };
}

async function versionBy(source: VersionSource, query: AskCatalog): Promise<string | undefined> {
  try {
    const { rows } = await query({ sql: VERSION_SQL[source], parameters: [] });
    return rows[0]?.[0] ?? undefined;
  } catch (error) {
    if (isUntold(error)) return undefined;
    throw error;
  }
}
