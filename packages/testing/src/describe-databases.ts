import { afterAll, describe, inject } from "vitest";
import { embeddedDatabases } from "./embedded-databases.ts";
import { nativeDatabases } from "./native-databases.ts";
import type { DatabaseKind, TestDatabase, TestDatabases } from "./test-databases.ts";

export type { DatabaseKind, TestDatabase, TestDatabases } from "./test-databases.ts";

export interface DescribeDatabasesOptions {
  /** Default: both. */
  readonly kinds?: readonly DatabaseKind[];
}

/**
 * Runs a block of tests once on native PostgreSQL and once on the embedded database. Databases that the
 * block leaves are dropped after it. Needs `@plinth/testing/global-setup` as Vitest's `globalSetup`.
 *
 * @example
 * describeDatabases("todos", (database) => {
 *   test("are kept", async () => {
 *     const { config } = await database.create();
 *   });
 * });
 */
export function describeDatabases(title: string, define: (database: TestDatabases) => void, { kinds = ["native", "embedded"] }: DescribeDatabasesOptions = {}): void {
  if (kinds.includes("native")) describeNative(title, define);
  if (kinds.includes("embedded")) describe(`${title} (embedded)`, () => define(droppedAfterAll(embeddedDatabases())));
}

function describeNative(title: string, define: (database: TestDatabases) => void): void {
  const url = inject("nativePostgresUrl");
  if (url === undefined) describe.skip(`${title} (native: ${inject("nativePostgresReason")})`, () => {});
  else describe(`${title} (native)`, () => define(droppedAfterAll(nativeDatabases(url))));
}

function droppedAfterAll(databases: TestDatabases): TestDatabases {
  const made: TestDatabase[] = [];
  afterAll(async () => {
    for (const database of made) await database.drop();
  });
  const create = async (): Promise<TestDatabase> => {
    const database = await databases.create();
    made.push(database);
    return database;
  };
  return { kind: databases.kind, create };
}
