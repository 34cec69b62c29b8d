import type { MessagePort } from "node:worker_threads";
import type { ThreadInput } from "../../../database/embedded/worker/start-thread.ts";

/** What the thread that runs pg_dump is given. */
export interface PgDumpInput extends ThreadInput {
  /** URL of the JavaScript around pg_dump. */
  readonly module: string;
  readonly args: readonly string[];
  /** The server's answer to a start-up packet. */
  readonly greeting: Uint8Array;
  /** Where the answers to what it asks come in, … */
  readonly answers: MessagePort;
  /** … and what tells it, asleep, that one is there. */
  readonly answered: Int32Array<SharedArrayBuffer>;
}

/** What it says. `ask` has one message for the server. */
export type PgDumpNotice =
  | { readonly type: "ask"; readonly message: Uint8Array }
  | { readonly type: "done"; readonly script: string }
  | { readonly type: "failed"; readonly message: string };
