import module from "node:module";
import { workerData } from "node:worker_threads";
import type { WorkerInput } from "./worker-protocol.ts";

// Before anything else is loaded: every thread would parse PGlite's 800 KB of JavaScript again.
module.enableCompileCache((workerData as WorkerInput).compileCache);
await import("./database-thread.ts");
// Now, as a thread that is ended by force keeps nothing. Node 22.10 has it.
module.flushCompileCache?.();
