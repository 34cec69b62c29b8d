import { once } from "node:events";
import { finished } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { columnList, qualified, type Table } from "./table-list.ts";

/** Takes a table's rows in pieces that may be cut anywhere. */
export interface RowWriter {
  write(bytes: Buffer): Promise<void>;
  /** @returns how many rows there were */
  end(): Promise<number>;
  /** Undoes nothing: it only lets go of the connection. */
  abort(): Promise<void>;
}

export type OpenRowWriter = (client: pg.Client, table: Table) => RowWriter;

const target = (table: Table): string => (table.columns.length === 0 ? qualified(table) : `${qualified(table)} (${columnList(table)})`);

/** One COPY, as fast as the server takes it. */
export const writeNativeRows: OpenRowWriter = (client, table) => {
  const stream = client.query(copyFrom(`copy ${target(table)} from stdin`));
  // An error is met where it is waited for.
  stream.on("error", () => undefined);
  const failed = new Promise<never>((_, reject) => stream.once("error", reject));
  failed.catch(() => undefined);
  return {
    write: async (bytes) => {
      if (!stream.write(bytes)) await Promise.race([once(stream, "drain"), failed]);
    },
    end: async () => {
      stream.end();
      await Promise.race([finished(stream), failed]);
      return stream.rowCount;
    },
    abort: async () => {
      stream.destroy(new Error("The rows are not taken any further."));
    },
  };
};

/** What an embedded database is given at a time, if no row is longer. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** After so many batches the space that they have passed through is made free again. */
const VACUUM_AFTER = 16;
/** In the memory of the embedded PostgreSQL's own file system. */
const FILE = "/tmp/plinth-rows";

/**
 * An embedded database reads all that a client has to say before it begins, so it can't COPY from one. It can COPY from a
 * file, and a large object is written to one: half as fast again as INSERTs of a thousand rows, and the same text format.
 */
export const writeEmbeddedRows: OpenRowWriter = (client, table) => {
  let pending: Buffer[] = [];
  let length = 0;
  let batches = 0;
  let rows = 0;
  const copy = async (lines: Buffer): Promise<void> => {
    await client.query("begin");
    await client.query("set local client_min_messages = warning");
    const { rows: made } = await client.query<{ oid: number }>("select lo_from_bytea(0, $1) as oid", [lines]);
    await client.query("select lo_export($1, $2), lo_unlink($1)", [made[0]?.oid, FILE]);
    rows += (await client.query(`copy ${target(table)} from '${FILE}'`)).rowCount ?? 0;
    await client.query("commit");
    if (++batches % VACUUM_AFTER === 0) await client.query("vacuum pg_largeobject");
  };
  return {
    write: async (bytes) => {
      pending.push(bytes);
      length += bytes.length;
      if (length < BATCH_BYTES) return;
      const joined = Buffer.concat(pending, length);
      const end = joined.lastIndexOf("\n") + 1;
      if (end > 0) await copy(joined.subarray(0, end));
      pending = [joined.subarray(end)];
      length -= end;
    },
    end: async () => {
      if (length > 0) await copy(Buffer.concat(pending, length));
      return rows;
    },
    abort: async () => {
      await client.query("rollback").catch(() => undefined);
    },
  };
};

/** Gives the space back that rows have passed through. */
export async function cleanAfterEmbeddedRows(client: pg.Client): Promise<void> {
  await client.query("begin");
  const { rows } = await client.query<{ oid: number }>("select lo_from_bytea(0, '') as oid");
  await client.query("select lo_export($1, $2), lo_unlink($1)", [rows[0]?.oid, FILE]);
  await client.query("commit");
  await client.query("vacuum pg_largeobject");
}
