import type { RawResult, Statement } from "@plinth/core";
import type { StorageWork } from "../endpoint/storage-call.ts";
import type { RowWithoutBytes } from "./sweep-report.ts";

/** Rows, or keys of the store, that are asked for at once. */
export const BATCH = 1_000;

const page = (table: string): string => `(select version from storage.${table} where version > $1 order by version limit ${BATCH})`;

/** Adopted databases have nothing but objects. */
const tablesOf = ({ tenant }: StorageWork): readonly string[] => (tenant.project.adopted ? ["objects"] : ["objects", "object_versions"]);

const ask = async (work: StorageWork, statement: Statement): Promise<RawResult> => (await work.query("service", [statement], { readOnly: true }))[0]!;

/** Every version whose bytes there have to be, in the database's order, which for UUIDs is that of their bytes. */
export async function* namedVersions(work: StorageWork): AsyncGenerator<string, void> {
  const sql = `select version from (${tablesOf(work).map(page).join(" union ")}) n order by version limit ${BATCH}`;
  for (let after = ""; ; ) {
    const { rows } = await ask(work, { sql, parameters: [after] });
    for (const [version] of rows) yield version!;
    const last = rows.at(-1)?.[0];
    if (rows.length < BATCH || last === undefined || last === null) return;
    after = last;
  }
}

const IN_PROGRESS = [
  "select m.version from storage.s3_multipart_uploads m",
  "select r.version from storage.resumable_uploads r where not r.finished",
  "select s ->> 'version' from storage.resumable_uploads r, jsonb_array_elements(r.segments) s where s ->> 'version' is not null",
];

/** Those of the versions that no row names: of an object, of an earlier version, of an upload in progress. */
export async function withoutRow(work: StorageWork, versions: readonly string[]): Promise<ReadonlySet<string>> {
  const conditions = [
    ...tablesOf(work).map((table) => `not exists (select from storage.${table} t where t.version = g.version)`),
    ...(work.tenant.project.adopted ? [] : [`g.version not in (${IN_PROGRESS.join(" union all ")})`]),
  ];
  const sql = `select g.version from json_array_elements_text($1::json) as g (version) where ${conditions.join(" and ")}`;
  const { rows } = await ask(work, { sql, parameters: [JSON.stringify(versions)] });
  return new Set(rows.map(([version]) => version!));
}

/** The rows that name any of the versions. */
export async function rowsNaming(work: StorageWork, versions: readonly string[]): Promise<RowWithoutBytes[]> {
  const selects = tablesOf(work).map((table) => `select bucket_id, name, version, ${table !== "objects"} from storage.${table} where version in (select json_array_elements_text($1::json))`);
  const { rows } = await ask(work, { sql: selects.join(" union all "), parameters: [JSON.stringify(versions)] });
  return rows.map(([bucket, name, version, isArchived]) => ({ bucket: bucket!, name: name!, version: version!, isArchived: isArchived === "t" }));
}
