import { createReadStream } from "node:fs";
import process from "node:process";
import { createBackend } from "plinth";

/** An import that its process doesn't live to see the end of. */
export interface FatalImport {
  readonly dataDirectory: string;
  readonly databaseUrl: string | false;
  readonly masterKey: string;
  readonly file: string;
  readonly ref: string;
  /** So many bytes are read. */
  readonly bytes: number;
}

/** `node import-and-die.ts JSON` */
const { file, ref, bytes, ...options } = JSON.parse(process.argv[2] as string) as FatalImport;

async function* deadlyBytes(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of source) {
    read += chunk.length;
    if (read > bytes) process.kill(process.pid, "SIGKILL");
    yield chunk;
  }
}

const backend = await createBackend({ ...options, project: false });
await backend.projects.import(deadlyBytes(createReadStream(file, { highWaterMark: 65_536 })), { ref });
