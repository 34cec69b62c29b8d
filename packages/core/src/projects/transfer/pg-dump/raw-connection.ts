import type { Duplex } from "node:stream";
import type pg from "pg";
import { BACKEND, MESSAGE_HEADER } from "../../../database/embedded/wire/message-type.ts";

/** The part of `pg`'s inside that is used here; `pg` is pinned, and the tests of transfers fail when it changes. */
interface ClientInside {
  readonly connection: { readonly stream: Duplex };
}

type Listener = (chunk: Buffer) => void;

/** A connection of `pg`'s on which messages are exchanged as they are, between two of its own queries. */
export class RawConnection {
  readonly #stream: Duplex;
  readonly #listeners: readonly Listener[];
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Where in what has come the next message begins. */
  #next = 0;
  #waiting: { readonly resolve: (answer: Buffer) => void; readonly reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  /** @param client idle; it must not be used until `giveBack` */
  constructor(client: pg.Client) {
    this.#stream = (client as unknown as ClientInside).connection.stream;
    this.#listeners = this.#stream.listeners("data") as Listener[];
    for (const listener of this.#listeners) this.#stream.off("data", listener);
    this.#stream.on("data", this.#receive);
    this.#stream.on("close", this.#lose);
  }

  /** @returns all that the server answers, up to its ReadyForQuery */
  ask(message: Uint8Array): Promise<Buffer> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#stream.write(message);
    });
  }

  giveBack(): void {
    this.#stream.off("data", this.#receive);
    this.#stream.off("close", this.#lose);
    for (const listener of this.#listeners) this.#stream.on("data", listener);
  }

  readonly #lose = (): void => {
    this.#failure = new Error("Connection terminated unexpectedly");
    this.#waiting?.reject(this.#failure);
  };

  readonly #receive = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes - this.#next < MESSAGE_HEADER) return;
    const received = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks = [received];
    if (!this.#isWhole(received)) return;
    this.#chunks = [];
    this.#bytes = 0;
    this.#next = 0;
    this.#waiting?.resolve(received);
    this.#waiting = undefined;
  };

  #isWhole(received: Buffer): boolean {
    let last: number | undefined;
    while (received.length - this.#next >= MESSAGE_HEADER) {
      const end = this.#next + 1 + received.readInt32BE(this.#next + 1);
      if (end > received.length) return false;
      last = received[this.#next];
      this.#next = end;
    }
    return last === BACKEND.readyForQuery && this.#next === received.length;
  }
}
