import type { TestDatabase } from "./test-databases.ts";

/** The superuser's URL of a native test database: what `createBackend` and `psql` take. */
export function urlOf({ config }: TestDatabase): string {
  const { user, password, host, port, database } = config;
  return `postgres://${encodeURIComponent(user ?? "")}:${encodeURIComponent(String(password))}@${host}:${port}/${database}`;
}
