import type { Kysely } from "kysely";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import type { DatabaseHost, Relocation } from "../database-host.ts";

/** Where a database that is filled from elsewhere goes: never where something is, as there is in a host's own database. */
export async function placeCopy(db: Kysely<MetadataTables>, host: DatabaseHost, { ref, uid }: { readonly ref: string; readonly uid: string }): Promise<Relocation> {
  const place = host.locate(ref);
  const another = host.locate(`${ref}-${uid.slice(0, 8)}`);
  if (host.homeRef === ref) return another;
  const holder = await db.selectFrom("plinth.projects").select("uid").where("cluster", "=", host.cluster).where("database_name", "=", place.database).where("adopted", "=", false).executeTakeFirst();
  return holder === undefined ? place : another;
}
