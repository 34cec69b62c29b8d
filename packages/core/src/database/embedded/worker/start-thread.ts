import { Worker, type WorkerOptions } from "node:worker_threads";

/** What every thread here is given. */
export interface ThreadInput {
  /** Directory for what V8 makes of the thread's JavaScript. */
  readonly compileCache: string;
}

/**
 * Begun as a script in plain JavaScript: the cache must be on before anything is loaded, or every thread would parse
 * PGlite's 800 KB of JavaScript again, and where the sources are run as they are, load Node's TypeScript parser too.
 * It is written once all is loaded, as a thread that is ended by force keeps nothing. Older versions than Node 22.10 go without.
 */
const START = `
const { enableCompileCache, flushCompileCache } = require("node:module");
const { workerData: { input, url } } = require("node:worker_threads");
enableCompileCache?.(input.compileCache);
import(url).then(() => flushCompileCache?.());`;

/** Runs a module in a thread of its own, which finds `input` by `threadInput`. */
export function startThread(url: URL, input: ThreadInput, options: WorkerOptions = {}): Worker {
  // The host's own flags, a test runner's among them, are not for this thread.
  return new Worker(START, { execArgv: [], ...options, eval: true, workerData: { input, url: url.href } });
}
