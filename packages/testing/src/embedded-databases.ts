import { openEmbeddedDatabase } from "@plinth/core";
import type { TestDatabase, TestDatabases } from "./test-databases.ts";

/** Embedded databases, each in a thread of its own and kept nowhere. Roles are each database's own. */
export function embeddedDatabases(): TestDatabases {
  return { kind: "embedded", create: openDatabase };
}

async function openDatabase(): Promise<TestDatabase> {
  const database = await openEmbeddedDatabase({ directory: undefined });
  return { config: database.clientConfig, drop: () => database.close() };
}
