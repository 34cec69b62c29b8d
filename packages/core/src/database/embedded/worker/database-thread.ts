import { parentPort } from "node:worker_threads";
import { BOARD } from "../wire/status-board.ts";
import { Backend } from "./backend.ts";
import { BatchRunner } from "./batch-runner.ts";
import { copyCluster } from "./copy-cluster.ts";
import { openPglite } from "./open-pglite.ts";
import { syncFiles } from "./sync-files.ts";
import { threadInput } from "./thread-input.ts";
import type { WorkerInput, WorkerNotice, WorkerOrder } from "./worker-protocol.ts";

if (!parentPort) throw new Error("This module runs in a worker thread only.");
const port = parentPort;
const { board, cluster, template, postgres, durability, settings } = threadInput<WorkerInput>();
const say = (notice: WorkerNotice): void => port.postMessage(notice);

const opened = Date.now();
copyCluster(template.cluster, cluster);
const backend = new Backend(await openPglite({ cluster, postgres, durability, settings, extensions: template.extensions }), broken);
const parameters = backend.parameters();
const runner = new BatchRunner({ port, backend, board, parameters, onOrder: (order) => void ORDERS[order.type](), onBroken: broken });

const ORDERS: Readonly<Record<WorkerOrder["type"], () => Promise<void>>> = {
  close: async () => {
    runner.stop();
    await backend.close();
    await syncFiles(cluster, opened);
    process.exit(0);
  },
};

/** The answer so far may hold the backend's own last words. */
function broken(error: unknown): never {
  const client = Atomics.load(board, BOARD.running);
  if (client !== 0) runner.flushBroken();
  say({ type: "crashed", client, message: error instanceof Error ? error.message : String((error as { message?: unknown }).message ?? error) });
  process.exit(1);
}

port.on("message", (message: ArrayBuffer | WorkerOrder) => runner.receive(message));
say({ type: "ready", parameters: Buffer.concat(parameters) });
