import { FRONTEND, MESSAGE_HEADER } from "../wire/message-type.ts";
import { ENDS_READY, HIDE_FIRST_PARSE } from "../wire/record.ts";
import { readCString } from "../wire/encode-message.ts";
import { type ListenIntent, sessionCommands } from "../wire/session-commands.ts";
import { queryMessage } from "../wire/backend-messages.ts";
import { StatementNames } from "./statement-names.ts";

/** Messages that the backend is to run without another client's in between. */
export interface Batch {
  readonly parts: readonly Buffer[];
  /** Of `wire/record.ts`. */
  readonly flags: number;
  readonly intents: readonly ListenIntent[];
}

/** The backend reads all its input beforehand, so it can't wait for the data of a COPY: it would end itself. */
const NO_COPY = `do $plinth$begin raise exception 'COPY FROM STDIN is not supported by the embedded database' using errcode = 'feature_not_supported', hint = 'Use INSERT, with many rows at a time.'; end$plinth$`;

const STATEMENT = 0x53;
const CANT_HAPPEN_WITHOUT_COPY = new Set([0x64, 0x63, 0x66]);

type Handler = (message: Buffer) => Batch | undefined;

/** Puts one client's messages together into batches, and translates what would meet other clients' in the backend. */
export class BatchBuilder {
  readonly names: StatementNames;
  #parts: Buffer[] = [];
  #flags = 0;
  #intents: ListenIntent[] = [];
  /** The unnamed statement is parsed in this very batch. */
  #unnamedIsFresh = false;
  /** The client's last Parse of it: another client may have replaced it in the backend. */
  #unnamed: Buffer | undefined;
  /** By name of a statement, where it changes what the client listens to. */
  readonly #intentsOf = new Map<string, readonly ListenIntent[]>();

  constructor(client: number) {
    this.names = new StatementNames(client);
  }

  readonly #handlers: Readonly<Record<number, Handler>> = {
    [FRONTEND.query]: (message) => this.#query(message),
    [FRONTEND.parse]: (message) => this.#parse(message),
    [FRONTEND.bind]: (message) => this.#bind(message),
    [FRONTEND.describe]: (message) => (message[MESSAGE_HEADER] === STATEMENT ? this.#use(message) : this.#add(message)),
    [FRONTEND.close]: (message) => (message[MESSAGE_HEADER] === STATEMENT ? this.#close(message) : this.#add(message)),
    [FRONTEND.execute]: (message) => this.#add(message),
    [FRONTEND.functionCall]: (message) => this.#finish(message, ENDS_READY),
    [FRONTEND.sync]: (message) => this.#finish(message, ENDS_READY),
    [FRONTEND.flush]: (message) => this.#finish(message, 0),
  };

  /**
   * Takes one message; returns the batch when it ends one.
   * @throws Error for a message that no client may send: the backend would end itself over it
   */
  take(message: Buffer): Batch | undefined {
    const type = message[0] as number;
    if (CANT_HAPPEN_WITHOUT_COPY.has(type)) return undefined;
    const handler = this.#handlers[type];
    if (!handler) throw new Error(`invalid frontend message type ${type}`);
    return handler(message);
  }

  #query(message: Buffer): Batch {
    const { intents, copiesFromClient } = sessionCommands(readCString(message, MESSAGE_HEADER));
    this.#intents.push(...intents);
    return this.#finish(copiesFromClient ? queryMessage(NO_COPY) : message, ENDS_READY);
  }

  #parse(message: Buffer): undefined {
    const name = this.names.nameIn(message);
    const sql = readCString(message, MESSAGE_HEADER + name.length + 1);
    const { intents, copiesFromClient } = sessionCommands(sql);
    const parsed = copiesFromClient ? parseMessage(name, NO_COPY) : message;
    if (intents.length > 0) this.#intentsOf.set(name, intents);
    else this.#intentsOf.delete(name);
    if (name !== "") return this.#add(this.names.rename(parsed, name));
    this.#unnamed = parsed;
    this.#unnamedIsFresh = true;
    return this.#add(parsed);
  }

  #bind(message: Buffer): undefined {
    if (this.#intentsOf.size > 0) this.#intents.push(...(this.#intentsOf.get(this.names.nameIn(message)) ?? []));
    return this.#use(message);
  }

  /** A message that needs the statement to be there. */
  #use(message: Buffer): undefined {
    const name = this.names.nameIn(message);
    if (name !== "") return this.#add(this.names.rename(message, name));
    if (!this.#unnamedIsFresh && this.#unnamed) {
      this.#parts.unshift(this.#unnamed);
      this.#flags |= HIDE_FIRST_PARSE;
      this.#unnamedIsFresh = true;
    } else if (!this.#unnamedIsFresh) return this.#add(this.names.rename(message, name));
    return this.#add(message);
  }

  #close(message: Buffer): undefined {
    const name = this.names.nameIn(message);
    if (name === "") {
      this.#unnamed = undefined;
      return this.#add(message);
    }
    this.#add(this.names.rename(message, name));
    this.names.closed(name);
    return undefined;
  }

  #add(message: Buffer): undefined {
    this.#parts.push(message);
  }

  #finish(message: Buffer, flags: number): Batch {
    this.#parts.push(message);
    const batch = { parts: this.#parts, flags: this.#flags | flags, intents: this.#intents };
    this.#parts = [];
    this.#flags = 0;
    this.#intents = [];
    this.#unnamedIsFresh = false;
    return batch;
  }
}

function parseMessage(name: string, sql: string): Buffer {
  const message = Buffer.concat([Buffer.alloc(MESSAGE_HEADER), Buffer.from(name, "latin1"), Buffer.from(`\0${sql}\0`), Buffer.alloc(2)]);
  message[0] = FRONTEND.parse;
  message.writeInt32BE(message.length - 1, 1);
  return message;
}
