import { workerData } from "node:worker_threads";
import type { ThreadInput } from "./start-thread.ts";

/** What the thread that this is called in was started with. */
export function threadInput<T extends ThreadInput>(): T {
  return (workerData as { readonly input: T }).input;
}
