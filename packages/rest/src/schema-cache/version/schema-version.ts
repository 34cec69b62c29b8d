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

type Rows = RawResult["rows"];

/** How a source is asked, and what its rows say. */
interface Source {
  readonly columns: readonly string[];
  readonly from: string;
  /** Undefined where it can't tell. */
  read(rows: Rows): string | undefined;
}

const TRIGGERS = Object.values(DDL_TRIGGERS);

/** https://www.postgresql.org/docs/current/catalog-pg-event-trigger.html: where it is neither disabled nor for replicas alone. */
const FIRES: ReadonlySet<string | null | undefined> = new Set(["O", "A"]);

/**
 * Undefined where the triggers are gone or switched off: changes are not recorded then. Their own versions count as well,
 * lest one go unseen that was made while they were off.
 */
function recorded(rows: Rows): string | undefined {
  const versions = TRIGGERS.map((trigger) => rows.find(([name, enabled]) => name === trigger && FIRES.has(enabled))?.[2]);
  if (versions.includes(undefined)) return undefined;
  const changes = new Set(rows.flatMap(([, , , change]) => change ?? []));
  return [...[...changes].sort(), ...versions].join();
}

const SOURCES: Readonly<Record<VersionSource, Source>> = {
  // Nothing but columns: on a new connection each operator, function and aggregate is looked up in catalogs that are not
  // there yet, which took longer than reading the two tables.
  changes: { columns: ["t.evtname", "t.evtenabled", "t.xmin", "c.id"], from: `FROM pg_catalog.pg_event_trigger t LEFT JOIN ${SCHEMA_CHANGES} c ON true`, read: recorded },
  catalogs: { columns: [`(${FINGERPRINT_SQL})`], from: "", read: ([row]) => row?.[0] ?? undefined },
};

/** Asks for the rows that `versionOf` reads. */
export const versionSql = (source: VersionSource): string => `SELECT ${SOURCES[source].columns.join(", ")} ${SOURCES[source].from}`;

/** The same as one JSON value. */
export const versionAsJson = (source: VersionSource): string =>
  `SELECT coalesce(json_agg(json_build_array(${SOURCES[source].columns.map((column) => `${column}::text`).join(", ")})), '[]') ${SOURCES[source].from}`;

/** @returns undefined where the source can't tell the version */
export function versionOf(source: VersionSource, rows: Rows): SchemaVersion | undefined {
  const value = SOURCES[source].read(rows);
  return value === undefined ? undefined : { source, value };
}

const UNTOLD = new Set(["42P01", "42501", "3F000"]);

/** Whether the database says that it has no table of changes, or none that the login role may read. */
export const isUntold = (error: unknown): boolean => UNTOLD.has((error as { code?: string } | null)?.code ?? "");

export type AskCatalog = (statement: Statement) => Promise<Pick<RawResult, "rows">>;

/**
 * Whether `version` is still the database's.
 * @throws what `query` throws
 */
export const isPresent = async ({ source, value }: SchemaVersion, query: AskCatalog): Promise<boolean> => (await versionBy(source, query))?.value === value;

/**
 * The version that the database has recorded; undefined where it records none.
 * @throws what `query` throws
 */
export const recordedVersion = (query: AskCatalog): Promise<SchemaVersion | undefined> => versionBy("changes", query);

async function versionBy(source: VersionSource, query: AskCatalog): Promise<SchemaVersion | undefined> {
  try {
    const { rows } = await query({ sql: versionSql(source), parameters: [] });
    return versionOf(source, rows);
  } catch (error) {
    if (isUntold(error)) return undefined;
    throw error;
  }
}
