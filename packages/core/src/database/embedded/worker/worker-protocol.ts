import type { CompiledModule } from "../postgres-module.ts";
import type { ThreadInput } from "./start-thread.ts";

/** Given to the database's thread when it is started. */
export interface WorkerInput extends ThreadInput {
  readonly board: Int32Array<SharedArrayBuffer>;
  readonly postgres: CompiledModule;
  /** PostgreSQL's data directory; made from the template where there is none. */
  readonly cluster: string;
  readonly template: TemplatePaths;
  readonly durability: Durability;
  /** Of PostgreSQL, by name, beyond our own. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface TemplatePaths {
  /** A data directory that was closed cleanly. */
  readonly cluster: string;
  /** Files of the extensions, laid out as below PostgreSQL's installation directory. */
  readonly extensions: string;
}

/**
 * What committed data survives.
 * `process`: the end of the process however it comes, kill -9 included; not a power failure or a crash of the operating
 * system, after which the database may even be unreadable. `power`: those too, for the price of an fsync with each commit.
 */
export type Durability = "process" | "power";

/** From the worker, beside the answers, which are bare ArrayBuffers of records. */
export type WorkerNotice =
  /** Clients can be served. `parameters`: ParameterStatus messages for them. */
  | { readonly type: "ready"; readonly parameters: Uint8Array }
  /** The backend is beyond use; the thread ends. `client` ran what broke it. */
  | { readonly type: "crashed"; readonly client: number; readonly message: string };

/** To the worker, beside records. */
export type WorkerOrder = { readonly type: "close" };
