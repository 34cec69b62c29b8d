import type { BackendOptions, MigrationFile } from "plinth";

export const ERRANDS = ["create", "delete", "pause", "rename", "move", "migrate", "rotate", "import", "nothing"] as const;
export type ErrandKind = (typeof ERRANDS)[number];

/** What a process is to do over and over until it is killed; the first line of its standard input. */
export interface Errand {
  readonly kind: ErrandKind;
  readonly options: BackendOptions;
  /** Begins the refs of the projects that it makes. */
  readonly prefix: string;
  /** The project that it has to do with, where it makes none. */
  readonly ref: string;
  /** Requests with this key write to the project meanwhile. */
  readonly serviceRoleKey: string;
  /** Number of the first row that it writes. */
  readonly firstRow: number;
  /** Names of the clusters that the project is moved to in turn. */
  readonly clusters: readonly string[];
  /** Keys that are rotated to one after the other. "": one that the key file is given. */
  readonly masterKeys: readonly string[];
  /** How many migrations every project has had. */
  readonly migrations: number;
  /** An export. */
  readonly file: string;
}

/** What it prints, a line each: what was begun but not done when it was killed may have happened or not. */
export type Told =
  | { readonly ready: true }
  /** The next is what it is to be killed in. */
  | { readonly go: true }
  | { readonly begin: string; readonly subject: string }
  | { readonly done: string; readonly subject: string; readonly key?: string; readonly ms: number }
  /** A row that was answered with 201. */
  | { readonly row: number }
  | { readonly failed: string };

/** The first so many of the migrations that all projects get one after the other: each leaves its number. */
export const migrationFiles = (count: number): readonly MigrationFile[] =>
  Array.from({ length: count }, (_, at) => ({
    name: `${String(at).padStart(4, "0")}.sql`,
    sql: at === 0 ? "create table public.migrated (n int); insert into public.migrated values (0)" : `insert into public.migrated values (${at})`,
  }));
