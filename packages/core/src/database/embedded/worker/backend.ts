import type { PGlite } from "@electric-sql/pglite";
import { queryMessage } from "../wire/backend-messages.ts";
import { MESSAGE_HEADER } from "../wire/message-type.ts";
import { encodeStartupPacket } from "../wire/startup-packet.ts";
import { readMessages } from "./read-messages.ts";
import { BACKEND } from "../wire/message-type.ts";

/** What PGlite's C code ends a call with after an ordinary SQL error, which it deals with itself. */
const ORDINARY_ERROR = 100;

/** What of PGlite's compiled module is reached into: see `docs/decisions/0002-embedded-wire-protocol.md`. */
interface PostgresModule {
  _PostgresMainLoopOnce(): void;
}

/** PostgreSQL in this thread, at the level of its wire protocol. */
export class Backend {
  readonly #db: PGlite;
  #sink: (chunk: Uint8Array) => void = () => undefined;

  /** @param onBroken called from within `exchange` when the code failed rather than the SQL: nothing after it can be trusted */
  constructor(db: PGlite, onBroken: (error: unknown) => never) {
    this.#db = db;
    const module = db.Module as unknown as PostgresModule;
    const mainLoopOnce = module._PostgresMainLoopOnce;
    module._PostgresMainLoopOnce = () => {
      try {
        mainLoopOnce();
      } catch (error) {
        if ((error as { status?: unknown }).status !== ORDINARY_ERROR) onBroken(error);
        throw error;
      }
    };
  }

  /** Runs messages to their end. `sink` gets views of the backend's memory, valid during the call. */
  exchange(messages: Uint8Array, sink: (chunk: Uint8Array) => void): void {
    this.#sink = sink;
    // It does all its work before it returns: there is no file system to wait for afterwards.
    void this.#db.execProtocolRawStream(messages, { syncToFs: false, onRawData: (chunk) => this.#sink(chunk) });
  }

  run(sql: string): void {
    this.exchange(queryMessage(sql), () => undefined);
  }

  /** Runs messages to their end, and gives all of the answer. */
  ask(messages: Uint8Array): Buffer[] {
    const chunks: Buffer[] = [];
    this.exchange(messages, (chunk) => chunks.push(Buffer.from(chunk)));
    return [...readMessages(Buffer.concat(chunks))];
  }

  /** The first column of a query's rows. */
  column(sql: string): string[] {
    const rows = this.ask(queryMessage(sql)).filter((message) => message[0] === 0x44);
    const text = MESSAGE_HEADER + 6;
    return rows.map((row) => row.toString("utf8", text, text + row.readInt32BE(text - 4)));
  }

  /** Channels that the session listens to. */
  listening(): string[] {
    return this.column("select pg_listening_channels()");
  }

  /** The ParameterStatus messages that a new client is given, each setting once. */
  parameters(): Buffer[] {
    const messages = [...this.ask(encodeStartupPacket({ user: "postgres", database: "postgres" })), ...this.ask(queryMessage("select 1"))];
    const byName = new Map<string, Buffer>();
    for (const message of messages) {
      if (message[0] === BACKEND.parameterStatus) byName.set(message.toString("utf8", MESSAGE_HEADER, message.indexOf(0, MESSAGE_HEADER)), message);
    }
    return [...byName.values()];
  }

  /** Closes the database; PostgreSQL writes a checkpoint. */
  close(): Promise<void> {
    return this.#db.close();
  }
}
