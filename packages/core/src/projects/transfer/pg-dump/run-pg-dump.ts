import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import type pg from "pg";
import { startThread } from "../../../database/embedded/worker/start-thread.ts";
import { AUTHENTICATION_OK, backendKeyData, READY_WHILE_IDLE } from "../../../database/embedded/wire/backend-messages.ts";
import { cStrings, encodeMessage } from "../../../database/embedded/wire/encode-message.ts";
import { BACKEND } from "../../../database/embedded/wire/message-type.ts";
import { userCacheDirectory } from "../../../database/embedded/user-cache-directory.ts";
import type { PgDumpInput, PgDumpNotice } from "./pg-dump-protocol.ts";
import { RawConnection } from "./raw-connection.ts";

/** The same from `src` and from `dist`. */
const PG_DUMP = new URL("../../../../pg-dump/pg_dump.js", import.meta.url);
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
/** As a server reports them when a session begins. */
const REPORTED = ["server_version", "server_encoding", "client_encoding", "standard_conforming_strings", "DateStyle", "integer_datetimes"] as const;

/**
 * pg_dump (PostgreSQL 18's, in WebAssembly, in a thread of its own), on a connection that is there. Where that is in a
 * transaction, pg_dump sees what the transaction sees: it must be REPEATABLE READ and READ ONLY, as pg_dump would make it.
 * Settings that pg_dump makes last as long as the transaction; the statements that it prepares are taken back.
 *
 * @param client idle and used by nobody else
 * @param args of the command line: https://www.postgresql.org/docs/current/app-pgdump.html
 * @returns the script
 * @throws Error with pg_dump's own words
 */
export async function runPgDump(client: pg.Client, args: readonly string[]): Promise<string> {
  const greeting = await greetingOf(client);
  const connection = new RawConnection(client);
  try {
    return await inThread(connection, greeting, args);
  } finally {
    connection.giveBack();
    await forgetPrepared(client);
  }
}

async function inThread(connection: RawConnection, greeting: Uint8Array, args: readonly string[]): Promise<string> {
  const { port1, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const input: PgDumpInput = { compileCache: join(userCacheDirectory(), "compiled"), module: PG_DUMP.href, args, greeting, answers: port2, answered };
  const thread = startThread(new URL(`./pg-dump-thread.${EXTENSION}`, import.meta.url), input, { transferList: [port2], name: "plinth-pg-dump" });
  const pass = async (message: Uint8Array): Promise<void> => {
    port1.postMessage(await connection.ask(message));
    Atomics.store(answered, 0, 1);
    Atomics.notify(answered, 0);
  };
  try {
    return await new Promise<string>((resolve, reject) => {
      const takers: { readonly [K in PgDumpNotice["type"]]: (notice: Extract<PgDumpNotice, { type: K }>) => void } = {
        ask: ({ message }) => void pass(message).catch(reject),
        done: ({ script }) => resolve(script),
        failed: ({ message }) => reject(new Error(message)),
      };
      thread.on("message", (notice: PgDumpNotice) => (takers[notice.type] as (notice: PgDumpNotice) => void)(notice));
      thread.on("error", reject);
      thread.on("exit", () => reject(new Error("pg_dump's thread ended before it was done.")));
    });
  } finally {
    port1.close();
    await thread.terminate();
  }
}

async function greetingOf(client: pg.Client): Promise<Buffer> {
  const { rows } = await client.query<{ name: string; value: string }>("select name, current_setting(name) as value from unnest($1::text[]) as name", [REPORTED]);
  const parameters = rows.map(({ name, value }) => encodeMessage(BACKEND.parameterStatus, cStrings(name, value)));
  return Buffer.concat([AUTHENTICATION_OK, ...parameters, backendKeyData(0, 0), READY_WHILE_IDLE]);
}

/** An embedded database has one session for all, in which they would still be there for the next pg_dump. */
async function forgetPrepared(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ statement: string }>("select format('deallocate %I', name) as statement from pg_prepared_statements where from_sql").catch(() => ({ rows: [] }));
  for (const { statement } of rows) await client.query(statement).catch(() => undefined);
}
