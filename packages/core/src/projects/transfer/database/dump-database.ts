import type pg from "pg";
import { connectionError, isConnectionFailure } from "../../../database/connection-error.ts";
import type { OwnerConnection } from "../../database-host.ts";
import { BackendError } from "../../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../../errors/errors.ts";
import { runPgDump } from "../pg-dump/run-pg-dump.ts";
import { inPieces } from "../files/in-pieces.ts";
import { EXPORT_LOCK } from "../files/export-lock.ts";
import type { OwnerQuery } from "../../../service/service-files.ts";
import { ownerQuery } from "./owner-query.ts";
import type { DumpPart, SchemaSection } from "./dump-part.ts";
import { type DatabaseFacts, findUntransferable, readFacts } from "./database-facts.ts";
import { type ClientLease, leaseClient } from "./lease-client.ts";
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
  /** Until the dump is closed, have everybody keep what services keep outside the database: `EXPORT_UNDER_WAY_SQL`. */
  readonly files?: boolean;
}

/** A database as it was at one moment. */
export interface Dump {
  /** To be read once, to its end or not. */
  readonly parts: AsyncIterable<DumpPart>;
  /** Asks the database as it was at that moment; until `release`. */
  readonly ask: OwnerQuery;
  /** Takes the transaction back, with the settings that pg_dump has made: an embedded database answers others again, and no lock but that for files is held any more. */
  release(): Promise<void>;
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
  const { connection } = options;
  const lease = await leaseUnreleased(connection);
  const { client } = lease;
  let isLocked = false;
  const close = async (): Promise<void> => {
    await lease.close();
    if (isLocked && options.kind === "embedded") await unlockFiles(connection).catch(() => undefined);
    await connection.release();
  };
  try {
    if (options.files === true) await lockFiles(client, options.kind);
    isLocked = options.files === true;
    const lock = options.lock ? await lockStatement(client) : undefined;
    await client.query("begin isolation level repeatable read, read only");
    // Whoever is writing is waited for. Not after any other statement: what is seen is what there was at the first look.
    if (lock !== undefined) await client.query(lock);
    const facts = await readFacts(client);
    await assertTransferable(client);
    return { parts: inWords(readParts(client, facts, options)), ask: ownerQuery(client), release: async () => void (await client.query("rollback")), assertHeld: () => held(client), turnAway: () => endWaiting(client), close: once(close) };
  } catch (error) {
    await close();
    throw isConnectionFailure(error) ? connectionError(error) : error;
  }
}

/** The connection is released by the caller, but where there comes none. */
async function leaseUnreleased(connection: OwnerConnection): Promise<ClientLease> {
  try {
    return await leaseClient({ config: connection.config, release: async () => undefined });
  } catch (error) {
    await connection.release();
    throw error;
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let working: Promise<void> | undefined;
  return () => (working ??= work());
}

/** Before the first look at the rows. The session is idle for as long as the files take. */
async function lockFiles(client: pg.Client, kind: DumpOptions["kind"]): Promise<void> {
  if (kind === "native") await client.query("select set_config('idle_session_timeout', '0', false)");
  await client.query(EXPORT_LOCK[kind].lock);
}

/** Whoever has locked may be in the midst of an answer that nobody reads. A server unlocks when the session ends. */
async function unlockFiles({ config }: OwnerConnection): Promise<void> {
  const { client, close } = await leaseClient({ config, release: async () => undefined });
  await client.query(EXPORT_LOCK.embedded.unlock).finally(close);
}

async function* readParts(client: pg.Client, facts: DatabaseFacts, { kind, data }: DumpOptions): AsyncGenerator<DumpPart> {
  yield { kind: "facts", facts };
  yield await dumpSchema(client, "pre-data");
  // pg_dump has emptied it; indexes that a plan looks at may call functions that rely on it.
  await client.query("select set_config('search_path', $1, true)", [facts.searchPath]);
  const tables = await readTables(client);
  yield { kind: "tables", tables };
  for (const [index, table] of tables.entries()) {
    if (data || isRecordOfMigrations(table)) yield* rowsOf(ROW_READERS[kind](client, table), index);
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

/** A row may be longer than a piece. */
async function* rowsOf(chunks: AsyncIterable<Buffer>, table: number): AsyncGenerator<DumpPart> {
  for await (const bytes of inPieces(chunks)) yield { kind: "rows", table, bytes };
}
