import type { NamedFile, ObjectStore, OwnerQuery, ServiceFiles } from "@plinth/core";
import { isKeyPart } from "../stores/object-key.ts";
import { prefixOf } from "../tenant-storage.ts";

/** Rows that are asked for at once. */
const BATCH = 1_000;

/** Tables whose rows name bytes, as far as the database has them: an adopted one may have others of these names. */
const TABLES = `select c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'storage' and c.relname in ('objects', 'object_versions') and c.relkind in ('r', 'p')
    and 2 = (select count(*) from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname in ('version', 'metadata') and not a.attisdropped)`;

const page = (table: string): string =>
  `(select version::text as version, metadata ->> 'size' as size from storage.${table} where version > $1 order by version limit ${BATCH})`;

/** Clients begin anew: what has come of them so far is in the store of the project that was exported. */
const DROP_UPLOADS = ["delete from storage.resumable_uploads where not finished", "delete from storage.s3_multipart_uploads"];

/** The bytes of objects and of their earlier versions. */
export const storageFiles = (store: () => Promise<ObjectStore>): ServiceFiles => ({
  named: namedVersions,
  read: async (project, version) => (await store()).get(`${prefixOf(project)}/${version}`),
  isName: isKeyPart,
  write: async (project, version, bytes) => void (await (await store()).put(`${prefixOf(project)}/${version}`, bytes)),
  settle: async (_project, ask) => {
    for (const sql of DROP_UPLOADS) await ask({ sql, parameters: [] });
  },
});

async function* namedVersions(ask: OwnerQuery): AsyncGenerator<NamedFile> {
  const tables = (await ask({ sql: TABLES, parameters: [] })).map(([table]) => table!);
  if (tables.length === 0) return;
  const sql = `select version, size from (${tables.map(page).join(" union all ")}) named order by version limit ${BATCH}`;
  for (let [after, before] = ["", ""]; ; ) {
    const rows = await ask({ sql, parameters: [after] });
    for (const [version, size] of rows) {
      // An object's version may be an earlier one as well.
      if (version !== before && isKeyPart(version!)) yield { name: version!, size: sizeOf(size) };
      before = version!;
    }
    if (rows.length < BATCH) return;
    after = before;
  }
}

/** Rows may have been written by others. */
const sizeOf = (text: string | null | undefined): number | undefined => (/^\d{1,15}$/.test(text ?? "") ? Number(text) : undefined);
