import type pg from "pg";
import { transferError } from "../database/transfer-error.ts";
import { fitEntry, type SchemaTarget } from "./fit-entry.ts";
import { splitScript } from "./split-script.ts";

/** Objects made in one transaction: few, since each is locked until its end, and an embedded database has room for some hundred locks. */
const ENTRIES_AT_ONCE = 20;

/**
 * Runs a script of pg_dump, as far as it is for this target.
 * @throws BackendError PLINTH_TRANSFER_FAILED, which names the object
 */
export async function makeSchema(client: pg.Client, script: string, target: SchemaTarget): Promise<void> {
  const entries = splitScript(script);
  for (let first = 0; first < entries.length; first += ENTRIES_AT_ONCE) {
    await client.query("begin");
    for (const entry of entries.slice(first, first + ENTRIES_AT_ONCE)) {
      const sql = fitEntry(entry, target);
      if (sql === undefined || sql === "") continue;
      await client.query(sql).catch((error: unknown) => {
        throw transferError(`The ${entry.type.toLowerCase()} ${entry.schema === "-" ? "" : `${entry.schema}.`}${entry.name} could not be made`, error);
      });
    }
    await client.query("commit");
  }
}
