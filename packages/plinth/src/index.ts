export { BackendError, signToken } from "@plinth/core";
export type { AnyDatabase, Claims, CorsOptions, CreateProjectOptions, IsolationLevel, JwksSource, MigrationResult, OwnerDatabaseLease, Project, ProjectRoles, Projects, ProjectSettings, ProjectStatus, ProjectWithKeys, Scope, ScopedTransaction, Tenant } from "@plinth/core";
export type { RestOptions } from "@plinth/rest";
export type { Backend } from "./backend/backend.ts";
export { createBackend } from "./backend/create-backend.ts";
export type { BackendOptions, DefaultProjectOptions } from "./config/backend-options.ts";
export type { PoolOptions } from "./config/pool-options.ts";
