export { closeToOthers } from "./close-to-others.ts";
export { createTestBackend } from "./create-test-backend.ts";
export type { TestBackend, TestBackendOptions } from "./create-test-backend.ts";
export type { RequestHeaders, Who } from "./credentials.ts";
export { embeddedDatabases } from "./embedded-databases.ts";
export { nativeDatabases } from "./native-databases.ts";
export { type NativePostgres, NativePostgresUnavailable, startNativePostgres, startPrivatePostgres } from "./native-postgres.ts";
export type { DatabaseKind, TestDatabase, TestDatabases } from "./test-databases.ts";
export { urlOf } from "./url-of.ts";
