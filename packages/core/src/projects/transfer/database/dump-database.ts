import type pg from "pg";
import { connectionError, isConnectionFailure } from "../../../database/connection-error.ts";
import type { OwnerConnection } from "../../database-host.ts";
import { BackendError } from "../../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../../errors/errors.ts";
import { runPgDump } from "../pg-dump/run-pg-dump.ts";
import { type DumpPart, ROWS_BYTES, type SchemaSection } from "./dump-part.ts";
import { type DatabaseFacts, findUntransferable, readFacts } from "./database-facts.ts";
import { leaseClient } from "./lease-client.ts";
import { readEmbeddedRows, readNativeRows, type ReadRows } from "./read-rows.ts";
import { FOREIGN_SCHEMAS, lockStatement, MIGRATIONS_TABLE, readSequences, readTables } from "./table-list.ts";
import { transferError } from "./transfer-error.ts";

const ROW_READERS: Readonly<Record<"native" | "embedded", ReadRows>> = { native: readNativeRows, embedded: readEmbeddedRows };

export interface DumpOptions {
  readonly kind: "native" | "embedded";
  /** The owner's. Released when the dump is closed. */
  readonly connection: OwnerConnection;
  /** False: an empty database of the same form. The record of applied migrations goes with it. */
  readonly data: boolean;
  /** Let nobody write to the tables until the dump is closed. An embedded database waits with everything anyway. */
  readonly lock: boolean;
}

/** A database as it was at one moment. */
export interface Dump {
  /** To be read once, to its end or not. */
  readonly parts: AsyncIterable<DumpPart>;
  /** @throws BackendError PLINTH_DATABASE_UNAVAILABLE where the transaction has been lost, and the lock with it */
  assertHeld(): Promise<void>;
  /** Ends the sessions that wait for the lock. */
  turnAway(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * One connection and one transaction make all of a dump, so that nothing has to be exported or installed: pg_dump is given
 * the same connection.
 *
 * @throws BackendError PLINTH_TRANSFER_FAILED where the database has what can't be carried over, and from the parts where
 * it can't be read; PLINTH_DATABASE_UNAVAILABLE
 */
export async function openDump(options: DumpOptions): Promise<Dump> {
  const lease = await leaseClient(options.connection);
  const { client } = lease;
  try {
    const lock = options.lock ? await lockStatement(client) : undefined;
    await client.query("begin isolation level repeatable read, read only");
    // Whoever is writing is waited for. Not after any other statement: what is seen is what there was at the first look.
    if (lock !== undefined) await client.query(lock);
    const facts = await readFacts(client);
    await assertTransferable(client);
    return { parts: inWords(readParts(client, facts, options)), assertHeld: () => held(client), turnAway: () => endWaiting(client), close: lease.close };
  } catch (error) {
    await lease.close();
    throw isConnectionFailure(error) ? connectionError(error) : error;
  }
}

async function* readParts(client: pg.Client, facts: DatabaseFacts, { kind, data }: DumpOptions): AsyncGenerator<DumpPart> {
  yield { kind: "facts", facts };
  yield await dumpSchema(client, "pre-data");
  // pg_dump has emptied it; indexes that a plan looks at may call functions that rely on it.
  await client.query("select set_config('search_path', $1, true)", [facts.searchPath]);
  const tables = await readTables(client);
  yield { kind: "tables", tables };
  for (const [index, table] of tables.entries()) {
    if (data || isRecordOfMigrations(table)) yield* inPieces(ROW_READERS[kind](client, table), index);
  }
  yield { kind: "sequences", sequences: data ? await readSequences(client) : [] };
  yield await dumpSchema(client, "post-data");
}

async function* inWords(parts: AsyncIterable<DumpPart>): AsyncGenerator<DumpPart> {
  try {
    yield* parts;
  } catch (error) {
    throw isConnectionFailure(error) ? connectionError(error) : transferError("The database could not be read", error);
  }
}

async function endWaiting(client: pg.Client): Promise<void> {
  await client.query("select pg_terminate_backend(pid) from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid))");
}

async function held(client: pg.Client): Promise<void> {
  await client.query("select 1").catch((error: unknown) => Promise.reject(connectionError(error)));
}

const isRecordOfMigrations = ({ schema, name }: { readonly schema: string; readonly name: string }): boolean => schema === MIGRATIONS_TABLE.schema && name === MIGRATIONS_TABLE.name;

async function assertTransferable(client: pg.Client): Promise<void> {
  const found = await findUntransferable(client);
  if (found.length === 0) return;
  throw new BackendError(CORE_ERRORS.transferFailed, {
    message: `The database has ${found.join(" and ")}, which can't be carried over.`,
    hint: "Take them away first; what is in large objects fits into columns of the type bytea.",
  });
}

/** Owners and tablespaces are the target's; security labels are a server's. */
const OPTIONS = ["--no-owner", "--no-tablespaces", "--no-security-labels", "--no-subscriptions", "--no-statistics", ...FOREIGN_SCHEMAS.map((name) => `--exclude-schema=${name}`)];

async function dumpSchema(client: pg.Client, section: SchemaSection): Promise<DumpPart> {
  try {
    return { kind: "schema", section, script: await runPgDump(client, [`--section=${section}`, ...OPTIONS]) };
  } catch (cause) {
    throw new BackendError(CORE_ERRORS.transferFailed, { message: "The schema could not be read.", details: cause instanceof Error ? cause.message : String(cause), cause });
  }
}

/** Joined up to `ROWS_BYTES`, and cut there: a row may be longer. */
async function* inPieces(chunks: AsyncIterable<Buffer>, table: number): AsyncGenerator<DumpPart> {
  let pending: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    pending.push(chunk);
    length += chunk.length;
    if (length < ROWS_BYTES) continue;
    const joined = Buffer.concat(pending, length);
    let start = 0;
    for (; length - start >= ROWS_BYTES; start += ROWS_BYTES) yield { kind: "rows", table, bytes: joined.subarray(start, start + ROWS_BYTES) };
    pending = [joined.subarray(start)];
    length -= start;
  }
  if (length > 0) yield { kind: "rows", table, bytes: Buffer.concat(pending, length) };
}
