import { setTimeout as sleep } from "node:timers/promises";
import { FilesystemStore } from "../../src/stores/filesystem/filesystem-store.ts";

/** Begins a put, a part and an upload's completion, says so, and goes on until it is killed. */
const [directory = "", key = "", uploadId = ""] = process.argv.slice(2);
const store = new FilesystemStore({ directory });

async function* endless(): AsyncGenerator<Uint8Array, void> {
  yield Buffer.alloc(3 * 1024 * 1024);
  process.stdout.write("half\n");
  for (;;) {
    await sleep(5);
    yield Buffer.alloc(1024);
  }
}

await Promise.all([store.put(key, endless()), store.putPart(key, uploadId, 2, endless())]);
