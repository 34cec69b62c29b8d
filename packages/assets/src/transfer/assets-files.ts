import type { NamedFile, ObjectStore, OwnerQuery, Project, ServiceFiles } from "@plinth/core";
import { prefixOf } from "../tenant-site.ts";

/** Rows that are asked for at once. */
const BATCH = 1_000;

/** SHA-256, the release that has stored it, the compressed form. */
const NAME = /^[0-9a-f]{64}(?:-\d{1,19})?(?:-(?:br|gzip))?$/;

const HAS_BLOBS = { sql: "select to_regclass('assets.blobs') is not null", parameters: [] };

/** Databases that have an earlier set-up know of no release. */
const BLOB = "b.hash || coalesce('-' || (to_jsonb(b) ->> 'stored_by'), '')";

const BLOBS = `select b.hash, ${BLOB}, b.size, b.brotli_size, b.gzip_size from assets.blobs b where b.stored and b.hash > $1 order by b.hash limit ${BATCH}`;

/** The bytes of all releases' files, and their compressed forms. */
export const assetsFiles = (store: () => Promise<ObjectStore>): ServiceFiles => ({
  named: namedBlobs,
  read: async (project, name) => (await store()).get(keyOf(project, name)),
  isName: (name) => NAME.test(name),
  write: async (project, name, bytes) => void (await (await store()).put(keyOf(project, name), bytes)),
  settle: async (project, ask) => settle(await store(), project, ask),
});

const keyOf = (project: Pick<Project, "uid">, name: string): string => `${prefixOf(project)}/${name}`;

async function* namedBlobs(ask: OwnerQuery): AsyncGenerator<NamedFile> {
  const [has] = await ask(HAS_BLOBS);
  if (has?.[0] !== "t") return;
  for (let after = ""; ; ) {
    const rows = await ask({ sql: BLOBS, parameters: [after] });
    for (const [hash, name, size, brotli, gzip] of rows) {
      yield { name: name!, size: Number(size) };
      if (brotli != null) yield { name: `${name}-br`, size: Number(brotli) };
      if (gzip != null) yield { name: `${name}-gzip`, size: Number(gzip) };
      after = hash!;
    }
    if (rows.length < BATCH) return;
  }
}

/** Bytes that are not there are stored again when a release comes that has them. */
const MISSING = `with there as (select json_array_elements_text($1::json) as name),
    named as (select b.hash, ${BLOB} as name from assets.blobs b where b.stored)
  update assets.blobs b set stored = n.name in (select name from there),
      brotli_size = case when n.name || '-br' in (select name from there) then b.brotli_size end,
      gzip_size = case when n.name || '-gzip' in (select name from there) then b.gzip_size end
    from named n where n.hash = b.hash
      and (n.name not in (select name from there)
        or (b.brotli_size is not null and n.name || '-br' not in (select name from there))
        or (b.gzip_size is not null and n.name || '-gzip' not in (select name from there)))`;

/** What is of another place: bytes that lie in its store alone, and in a bucket that it publishes. */
const FORGET = [
  "delete from assets.trash",
  "delete from assets.cdn_files",
  "update assets.cdn set target = null, revision = null, worker = null, worked_until = null",
];

async function settle(store: ObjectStore, project: Pick<Project, "uid">, ask: OwnerQuery): Promise<void> {
  for (const sql of FORGET) await ask({ sql, parameters: [] });
  const [some] = await ask({ sql: "select exists (select from assets.blobs where stored)", parameters: [] });
  if (some?.[0] !== "t") return;
  const prefix = prefixOf(project);
  const names: string[] = [];
  for await (const { key } of store.list(prefix)) names.push(key.slice(prefix.length + 1));
  await ask({ sql: MISSING, parameters: [JSON.stringify(names)] });
}
