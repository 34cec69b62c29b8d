import type pg from "pg";
import { connectionError, isConnectionFailure } from "../../../database/connection-error.ts";
import { BackendError } from "../../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../../errors/errors.ts";
import type { OwnerConnection } from "../../database-host.ts";
import type { RoleNames } from "../schema/rename-roles.ts";
import { makeSchema } from "../schema/make-schema.ts";
import { assertFits } from "./assert-fits.ts";
import { type DatabaseFacts, readFacts } from "./database-facts.ts";
import type { DumpPart } from "./dump-part.ts";
import { emptyDatabase } from "./empty-database.ts";
import { leaseClient } from "./lease-client.ts";
import { MIGRATIONS_TABLE, qualified, type SequenceValue, type Table } from "./table-list.ts";
import { LineCount } from "./line-count.ts";
import { transferError } from "./transfer-error.ts";
import { cleanAfterEmbeddedRows, type OpenRowWriter, type RowWriter, writeEmbeddedRows, writeNativeRows } from "./write-rows.ts";

const ROW_WRITERS: Readonly<Record<"native" | "embedded", OpenRowWriter>> = { native: writeNativeRows, embedded: writeEmbeddedRows };

export interface RestoreOptions {
  readonly kind: "native" | "embedded";
  /** The owner's, to a database that nobody uses yet: what is in it goes. */
  readonly connection: OwnerConnection;
  /** Names of the source's roles that have others here, the owner's aside. */
  readonly roles: RoleNames;
}

/** How many rows each table was given, in the order of the list. */
export interface RestoredTable {
  readonly table: Table;
  readonly rows: number;
}

/**
 * Makes a database what the parts say, in the order in which they come. Where it fails the database is half made, and
 * of no use.
 *
 * @throws BackendError PLINTH_TRANSFER_FAILED where the target refuses something, or parts are missing;
 * PLINTH_DATABASE_UNAVAILABLE; what `parts` throws
 */
export async function restoreDatabase(options: RestoreOptions, parts: AsyncIterable<DumpPart>): Promise<readonly RestoredTable[]> {
  const { client, close } = await leaseClient(options.connection);
  try {
    await setSession(client, SESSION);
    await emptyDatabase(client);
    const restore = new Restore(client, options);
    for await (const part of parts) await restore.take(part);
    return await restore.end();
  } catch (error) {
    throw isConnectionFailure(error) ? connectionError(error) : error;
  } finally {
    await close();
  }
}

/** As pg_dump's scripts have it. */
const SESSION = {
  statement_timeout: "0",
  lock_timeout: "0",
  idle_in_transaction_session_timeout: "0",
  standard_conforming_strings: "on",
  check_function_bodies: "off",
  client_min_messages: "warning",
  row_security: "off",
  xmloption: "content",
  default_tablespace: "",
};

async function setSession(client: pg.Client, settings: Readonly<Record<string, string>>): Promise<void> {
  await client.query("select set_config(key, value, false) from json_each_text($1)", [JSON.stringify(settings)]);
}

/** On an embedded database the session is everybody's. */
async function leaveSession(client: pg.Client): Promise<void> {
  await client.query([...Object.keys(SESSION), "search_path"].map((name) => `reset ${name};`).join(" "));
}

type Stage = "facts" | "pre-data" | "tables" | "rows" | "post-data" | "whole";

/** A restore under way. */
class Restore {
  readonly #client: pg.Client;
  readonly #options: RestoreOptions;
  readonly #rows: number[] = [];
  #stage: Stage = "facts";
  #source: DatabaseFacts | undefined;
  #target: DatabaseFacts | undefined;
  #tables: readonly Table[] = [];
  #writing: { readonly table: number; readonly writer: RowWriter; readonly lines: LineCount } | undefined;

  constructor(client: pg.Client, options: RestoreOptions) {
    this.#client = client;
    this.#options = options;
  }

  async take(part: DumpPart): Promise<void> {
    await (this.#takers[part.kind] as (part: DumpPart) => Promise<void>)(part);
  }

  /** @throws BackendError PLINTH_TRANSFER_FAILED where the last part has not come */
  async end(): Promise<readonly RestoredTable[]> {
    this.#pass("whole", "whole");
    if (this.#options.kind === "embedded") await cleanAfterEmbeddedRows(this.#client);
    await this.#client.query("analyze");
    await leaveSession(this.#client);
    return this.#tables.map((table, index) => ({ table, rows: this.#rows[index] ?? 0 }));
  }

  readonly #takers: { readonly [K in DumpPart["kind"]]: (part: Extract<DumpPart, { kind: K }>) => Promise<void> } = {
    facts: async ({ facts }) => {
      this.#pass("facts", "pre-data");
      this.#target = await readFacts(this.#client);
      this.#source = facts;
      await assertFits(this.#client, facts, this.#options.roles);
      // pg_dump's scripts name all schemas, but generated columns and indexes call functions that may not.
      await setSession(this.#client, { search_path: facts.searchPath });
    },
    schema: async ({ section, script }) => {
      this.#pass(section, section === "pre-data" ? "tables" : "whole");
      const { owner = "", version = 0 } = this.#target ?? {};
      const names = new Map([...this.#options.roles, [this.#source?.owner ?? owner, owner]]);
      await makeSchema(this.#client, script, { version, roles: new Map([...names].filter(([from, to]) => from !== to)) });
    },
    tables: async ({ tables }) => {
      this.#pass("tables", "rows");
      this.#tables = tables;
      if (tables.some(isMigrations)) await this.#makeMigrationsTable();
    },
    rows: async ({ table, bytes }) => {
      this.#pass("rows", "rows");
      if (this.#writing?.table !== table) await this.#begin(table);
      this.#writing?.lines.add(bytes);
      await this.#guarded(table, async () => this.#writing?.writer.write(bytes));
    },
    sequences: async ({ sequences }) => {
      this.#pass("rows", "post-data");
      await this.#finishTable();
      for (const sequence of sequences) await this.#setSequence(sequence);
    },
  };

  /** The order of the parts is a part of what is checked. */
  #pass(expected: Stage, next: Stage): void {
    if (this.#stage !== expected) throw new BackendError(CORE_ERRORS.transferFailed, { message: `The dump is not whole: ${this.#stage} was to come.`, hint: "Export the project again." });
    this.#stage = next;
  }

  async #begin(index: number): Promise<void> {
    await this.#finishTable();
    const table = this.#tables[index];
    // A hole in the array is a table without rows.
    if (!table || index < this.#rows.length) throw new BackendError(CORE_ERRORS.transferFailed, { message: "The dump has rows of a table that it doesn't name, or tables out of order." });
    this.#writing = { table: index, writer: ROW_WRITERS[this.#options.kind](this.#client, table), lines: new LineCount() };
  }

  async #finishTable(): Promise<void> {
    const writing = this.#writing;
    if (!writing) return;
    await this.#guarded(writing.table, async () => {
      if (!writing.lines.isWhole) throw new Error("the last of them is cut off");
      const rows = await writing.writer.end();
      if (rows !== writing.lines.count) throw new Error(`${writing.lines.count} were sent, and ${rows} taken`);
      this.#rows[writing.table] = rows;
    });
    this.#writing = undefined;
  }

  async #guarded(index: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.#writing?.writer.abort();
      throw transferError(`The rows of ${qualified(this.#tables[index] as Table)} were refused`, error);
    }
  }

  async #setSequence(sequence: SequenceValue): Promise<void> {
    await this.#client.query("select setval($1::regclass, $2, $3)", [qualified(sequence), sequence.value, sequence.called]).catch((error: unknown) => {
      throw transferError(`The sequence ${qualified(sequence)} could not be set`, error);
    });
  }

  /** In the words of `ensureTable`, which makes it in a database that has migrations run. */
  async #makeMigrationsTable(): Promise<void> {
    await this.#client.query(`
      create schema plinth;
      create table plinth.migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now());
      revoke all on schema plinth from public;
      revoke all on plinth.migrations from public;`);
  }
}

const isMigrations = ({ schema, name }: Table): boolean => schema === MIGRATIONS_TABLE.schema && name === MIGRATIONS_TABLE.name;
