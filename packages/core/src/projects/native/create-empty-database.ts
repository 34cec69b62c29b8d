import pg from "pg";
import { sqlstateOf } from "./sqlstate.ts";

const INVALID_PARAMETER_VALUE = "22023";

/** Nobody gets in until it is opened. */
export async function createEmptyDatabase(admin: pg.ClientBase, database: string): Promise<void> {
  const sql = `create database ${pg.escapeIdentifier(database)} template template0 encoding 'UTF8' allow_connections false`;
  // A server whose locale is not one of UTF-8 refuses the encoding, save under the locale C.
  await admin.query(sql).catch((error: unknown) => {
    if (sqlstateOf(error) !== INVALID_PARAMETER_VALUE) throw error;
    return admin.query(`${sql} lc_collate 'C' lc_ctype 'C'`);
  });
}
