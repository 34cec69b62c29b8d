import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { columnList, qualified, type Table } from "./table-list.ts";

const { escapeIdentifier } = pg;

/** Bytes that an embedded database is asked for at a time: it can't be held back in the midst of an answer. */
const ANSWER_BYTES = 4 * 1024 * 1024;
/** Rows whose sizes are looked up at a time. */
const SIZES_AT_ONCE = 5_000;

/** Types whose size can be told without reading the value; the number says how many bytes of text one byte makes at most, in all likelihood. */
const MEASURED: Readonly<Record<string, number>> = { text: 1, varchar: 1, bpchar: 1, bytea: 2 };
/** Of others the stored size is known, which may be compressed, and binary. */
const STORED = 4;

/** The table's rows as the text format of COPY has them: in pieces of any size, the last of which ends a row. */
export type ReadRows = (client: pg.Client, table: Table) => AsyncIterable<Buffer>;

/** One COPY. A reader that is slow keeps the server waiting. */
export const readNativeRows: ReadRows = (client, table) => client.query(copyTo(copyStatement(table, table.condition)));

/** Range after range of rows, each of which fits into memory. */
export const readEmbeddedRows: ReadRows = async function* (client, table) {
  for await (const { first, last } of ranges(client, table)) {
    const range = `ctid >= '${first}' and ctid <= '${last}'`;
    const where = table.condition === "" ? `where ${range}` : `where ${range} and (${table.condition.replace(/^\s*where\s/i, "")})`;
    yield* client.query(copyTo(copyStatement(table, where)));
  }
};

function copyStatement(table: Table, where: string): string {
  return `copy (select ${columnList(table)} from only ${qualified(table)} ${where}) to stdout`;
}

interface TidRange {
  readonly first: string;
  readonly last: string;
}

/** Rows in the order they are stored in, as many as make up about `ANSWER_BYTES`. A longer one is a range of its own. */
async function* ranges(client: pg.Client, table: Table): AsyncGenerator<TidRange> {
  const cursor = "plinth_row_sizes";
  await client.query(`declare ${cursor} no scroll cursor for select ctid::text as tid, (${sizeOf(table)})::float8 as bytes from only ${qualified(table)}`);
  let first: string | undefined;
  let last = "";
  let sum = 0;
  for (;;) {
    const { rows } = await client.query<{ tid: string; bytes: number }>(`fetch ${SIZES_AT_ONCE} from ${cursor}`);
    for (const { tid, bytes } of rows) {
      if (first !== undefined && sum + bytes > ANSWER_BYTES) {
        yield { first, last };
        first = undefined;
        sum = 0;
      }
      first ??= tid;
      last = tid;
      sum += bytes;
    }
    if (rows.length < SIZES_AT_ONCE) break;
  }
  if (first !== undefined) yield { first, last };
  await client.query(`close ${cursor}`);
}

function sizeOf({ columns }: Table): string {
  const sizes = columns.map(({ name, type }) => {
    const column = escapeIdentifier(name);
    const factor = MEASURED[type];
    return factor === undefined ? `coalesce(pg_column_size(${column}), 0) * ${STORED}` : `coalesce(octet_length(${column}), 0)::bigint * ${factor}`;
  });
  return ["8", ...sizes].join(" + ");
}
