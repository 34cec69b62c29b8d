import { type MessagePort, parentPort, receiveMessageOnPort } from "node:worker_threads";
import { threadInput } from "../../../database/embedded/worker/thread-input.ts";
import { FrontendFrames } from "../../../database/embedded/wire/frontend-frames.ts";
import { FRONTEND } from "../../../database/embedded/wire/message-type.ts";
import type { PgDumpInput, PgDumpNotice } from "./pg-dump-protocol.ts";

/** What `pgDump` of `@electric-sql/pglite-tools` needs of a PGlite: here it is whatever server the other side has. */
interface WireDatabase {
  query(sql: string): Promise<{ readonly rows: ReadonlyArray<Readonly<Record<string, string>>> }>;
  exec(sql: string): Promise<void>;
  execProtocolRawStream(bytes: Uint8Array, options: { readonly onRawData: (bytes: Uint8Array) => void }): void;
}

interface PgDumpModule {
  pgDump(options: { readonly pg: WireDatabase; readonly args: readonly string[] }): Promise<File>;
}

if (!parentPort) throw new Error("This module runs in a worker thread only.");
const notices = parentPort;
const { module, args, greeting, answers, answered } = threadInput<PgDumpInput>();
const say = (notice: PgDumpNotice): void => notices.postMessage(notice, []);

/** pg_dump waits for its answers, so this thread does; the connection is in another one. */
function ask(message: Uint8Array): Uint8Array {
  Atomics.store(answered, 0, 0);
  say({ type: "ask", message });
  Atomics.wait(answered, 0, 0);
  const received = receiveMessageOnPort(answers as MessagePort) as { readonly message: Uint8Array };
  return received.message;
}

let give: (bytes: Uint8Array) => void = () => undefined;
const frames = new FrontendFrames(
  () => {
    // The connection is there already.
    give(greeting);
    return "typed";
  },
  (message) => {
    // Goodbye is not passed on: the transaction is needed further.
    if (message[0] !== FRONTEND.terminate) give(ask(Uint8Array.from(message)));
  },
);

const database: WireDatabase = {
  // Asked for the search path only, which it would put back.
  query: async () => ({ rows: [{ search_path: "" }] }),
  exec: async () => undefined,
  execProtocolRawStream: (bytes, { onRawData }) => {
    give = onRawData;
    // A copy: what is given is a view of pg_dump's memory.
    frames.feed(Buffer.from(bytes));
  },
};

try {
  const { pgDump } = (await import(module)) as PgDumpModule;
  const script = await pgDump({ pg: database, args });
  say({ type: "done", script: await script.text() });
} catch (error) {
  say({ type: "failed", message: error instanceof Error ? error.message : String(error) });
}
