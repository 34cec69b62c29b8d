import { createHash } from "node:crypto";
import { closeStatementMessage } from "../wire/backend-messages.ts";
import { FRONTEND, MESSAGE_HEADER } from "../wire/message-type.ts";

/** PostgreSQL tells statements apart by this many bytes of their names. */
const LONGEST_NAME = 63;

/** Where in a message the name of a prepared statement begins. */
const NAME_OFFSET: Readonly<Record<number, (message: Buffer) => number>> = {
  [FRONTEND.parse]: () => MESSAGE_HEADER,
  [FRONTEND.bind]: (message) => message.indexOf(0, MESSAGE_HEADER) + 1,
  [FRONTEND.describe]: () => MESSAGE_HEADER + 1,
  [FRONTEND.close]: () => MESSAGE_HEADER + 1,
};

/**
 * The prepared statements of one client. All clients share one backend and so one space of names; each gets its number
 * put before its names, so that they can't meet.
 */
export class StatementNames {
  readonly #client: number;
  readonly #wireNames = new Map<string, Buffer>();

  constructor(client: number) {
    this.#client = client;
  }

  /** The client's own name of the statement that a Parse, Bind, Describe or Close of a statement is about; "": unnamed. */
  nameIn(message: Buffer): string {
    const start = startOfName(message);
    return message.toString("latin1", start, message.indexOf(0, start));
  }

  /** The message with the statement's name as the backend knows it. */
  rename(message: Buffer, name: string): Buffer {
    const start = startOfName(message);
    const wireName = this.#wireName(name);
    const renamed = Buffer.allocUnsafe(message.length + wireName.length - name.length);
    message.copy(renamed, 0, 0, start);
    wireName.copy(renamed, start);
    message.copy(renamed, start + wireName.length, start + name.length);
    renamed.writeInt32BE(renamed.length - 1, 1);
    return renamed;
  }

  closed(name: string): void {
    this.#wireNames.delete(name);
  }

  /** What deallocates them all. */
  closeMessages(): Buffer[] {
    return [...this.#wireNames.values()].map((wireName) => closeStatementMessage(wireName.toString()));
  }

  #wireName(name: string): Buffer {
    const known = this.#wireNames.get(name);
    if (known) return known;
    const plain = Buffer.from(`${this.#client}:${name}`, "latin1");
    const made = plain.length <= LONGEST_NAME ? plain : Buffer.from(`${this.#client}:${createHash("sha256").update(plain).digest("base64url")}`);
    this.#wireNames.set(name, made);
    return made;
  }
}

function startOfName(message: Buffer): number {
  return (NAME_OFFSET[message[0] as number] as (message: Buffer) => number)(message);
}
