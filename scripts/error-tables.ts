import { globSync } from "node:fs";
import path from "node:path";

/** An entry of an error table, as far as this page tells of it. */
export interface ListedError {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly hint?: string;
}

/** All errors of one package, in the order of their codes. */
export interface PackageErrors {
  /** e.g. "packages/core" */
  readonly folder: string;
  readonly errors: readonly ListedError[];
}

const root = path.join(import.meta.dirname, "..");

/** Every exported `…_ERRORS` table of every `…errors.ts`, by package. */
export async function readErrorTables(): Promise<readonly PackageErrors[]> {
  const byFolder = new Map<string, ListedError[]>();
  const files = globSync(["packages/*/src/**/*errors.ts", "adapters/*/src/**/*errors.ts"], { cwd: root });
  for (const file of files.toSorted()) {
    const folder = file.split("/", 2).join("/");
    const module = (await import(path.join(root, file))) as Record<string, unknown>;
    const tables = Object.entries(module).filter(([name]) => name.endsWith("_ERRORS"));
    const errors = tables.flatMap(([, table]) => Object.values(table as object).filter(isListed));
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), ...errors]);
  }
  return [...byFolder].filter(([, errors]) => errors.length > 0).map(([folder, errors]) => ({ folder, errors: errors.toSorted(byCode) }));
}

/** Other tables may be called so too: of what PostgreSQL's own protocol says, for instance. */
function isListed(entry: Partial<ListedError>): entry is ListedError {
  return typeof entry.code === "string" && typeof entry.status === "number";
}

function byCode(a: ListedError, b: ListedError): number {
  return a.code < b.code ? -1 : a.code > b.code ? 1 : 0;
}
