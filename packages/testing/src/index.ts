export { nativeDatabases } from "./native-databases.ts";
export { type NativePostgres, NativePostgresUnavailable, startNativePostgres } from "./native-postgres.ts";
export type { DatabaseKind, TestDatabase, TestDatabases } from "./test-databases.ts";
