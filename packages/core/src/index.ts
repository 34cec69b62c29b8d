export { BackendError } from "./errors/backend-error.ts";
export type { BackendErrorOptions, ErrorDefinition } from "./errors/backend-error.ts";
export { CORE_ERRORS } from "./errors/errors.ts";
export { STORE_ERRORS } from "./contracts/store-errors.ts";
export type { PublicBucket, PublicHeaders } from "./contracts/public-bucket.ts";
export type { ByteRange, GetOptions, ListedObject, ObjectKey, ObjectStore, PutOptions, StoredObject, StoredPart } from "./contracts/object-store.ts";
export { ServerTiming } from "./http/server-timing.ts";
export type { Checkpoint, Ending, RawResult, Statement } from "./database/statement.ts";
export type { ChannelWatch, ClientUse, DatabasePool, WatchStart } from "./database/pool.ts";
export type { Caller, Claims, IsolationLevel, Scope } from "./tenant/scope.ts";
export type { AnyDatabase, ScopedTransaction, Tenant, TenantStateKey } from "./tenant/tenant.ts";
export { anonKeyOf } from "./projects/sign-api-keys.ts";
export { AUTH_ADMIN_ROLE, DEFAULT_ROLES } from "./projects/project.ts";
export type {
  AuditOptions,
  AuditPage,
  AuditRecord,
  CreateProjectOptions,
  DeleteProjectOptions,
  ExportProjectOptions,
  ImportProjectOptions,
  JwksSource,
  ListProjectsOptions,
  MoveProjectOptions,
  Project,
  ProjectPage,
  ProjectRoles,
  Projects,
  ProjectSettings,
  ProjectStatus,
  ProjectWithKeys,
  SweepResult,
  UpdateProjectOptions,
  UpgradeOptions,
  UpgradeResult,
} from "./projects/project.ts";
export type { ErrorContext, RequestContext, Service } from "./service/service.ts";
export type { NamedFile, OwnerQuery, ServiceFiles, TransferredFiles } from "./service/service-files.ts";
export { EXPORT_UNDER_WAY_SQL } from "./projects/transfer/files/export-lock.ts";
export { contentLength, READ_BODY, readBytes, readText, tooLarge } from "./http/body.ts";
export type { BodyLimits, DirectBody } from "./http/body.ts";
export { lazyHandler } from "./http/fetch-handler.ts";
export type { FetchHandler, FetchHandlerSource } from "./http/fetch-handler.ts";
export { PathTable } from "./endpoint/path-table.ts";
export type { PathEntry, PathMatch, PathTableOptions } from "./endpoint/path-table.ts";
export { byteRange } from "./http/byte-range.ts";
export { ByteCache } from "./http/byte-cache.ts";
export type { ByteCacheOptions } from "./http/byte-cache.ts";
export { takesBack, withReusableChunks } from "./http/reusable-chunks.ts";
export type { TakeBack } from "./http/reusable-chunks.ts";
export { collectBytes } from "./http/collect-bytes.ts";
export type { BytesLimit } from "./http/collect-bytes.ts";
export { isRangeWanted, isUnchanged } from "./http/conditions.ts";
export type { Validators } from "./http/conditions.ts";
export { isStorableJson, mayBeUnstorable } from "./http/storable-json.ts";
export { isUuid } from "./projects/is-uuid.ts";
export { invalidOptions, invalidOwnSettings, readSettings, settingProblems } from "./service/read-settings.ts";
export type { GivenSettings } from "./service/read-settings.ts";
export { reply } from "./http/reply.ts";
export type { ReplyInit } from "./http/reply.ts";
export { MOUNT_PATH, mountPathOf, withMountPath } from "./http/mount-path.ts";
export type { MountedRequest } from "./http/mount-path.ts";
export { REMOTE_ADDRESS, remoteAddressOf } from "./http/remote-address.ts";
export type { AddressedRequest } from "./http/remote-address.ts";
export { headersToRecord, lightParts, toRealResponse, withHeader } from "./http/light-response.ts";
export type { LightParts, ReplyBody, ReplyHeaders } from "./http/light-response.ts";
export { ACCEPTS_LIGHT, responseFor } from "./http/response-for.ts";
export { Outbound } from "./http/outbound/outbound.ts";
export type { OutboundFetch, OutboundInit } from "./http/outbound/outbound.ts";
export { isLoopbackAddress, isPublicAddress } from "./http/outbound/public-address.ts";
export { isOutOfReach, isWithinReach, OutOfReachError } from "./http/outbound/outbound-reach.ts";
export type { OutboundReach } from "./http/outbound/outbound-reach.ts";
export { checkLiteral, guardedLookup } from "./http/outbound/guarded-lookup.ts";
export { isUnrouted, markUnrouted } from "./http/unrouted.ts";
export { createCorsPolicy } from "./http/cors.ts";
export type { CorsOptions, CorsPolicy } from "./http/cors.ts";
export { TOKEN_ERRORS } from "./keys/errors.ts";
export { signToken } from "./keys/sign-token.ts";
export { cancelNative } from "./database/cancel-native.ts";
export { ReplicaMonitor } from "./database/routing/replica-monitor.ts";
export type { ReplicaMonitorOptions } from "./database/routing/replica-monitor.ts";
export { ReplicatedPool } from "./database/routing/replicas.ts";
export type { ReplicatedPoolOptions } from "./database/routing/replicas.ts";
export { RoutingPool } from "./database/routing/routing-pool.ts";
export type { RoutingPoolOptions } from "./database/routing/routing-pool.ts";
export type { ClusterMetrics, RoutingCounts, RoutingMetrics } from "./database/routing/routing-metrics.ts";
export type { OpenTarget, RouteTarget } from "./database/routing/route-target.ts";
export { connectionError, isConnectionFailure } from "./database/connection-error.ts";
export { serveDatabase } from "./database/wire-server.ts";
export type { WireServer } from "./database/wire-server.ts";
export { createFetchHandler } from "./fetch-handler/fetch-handler.ts";
export type { FetchHandlerOptions, RequestHandler } from "./fetch-handler/fetch-handler.ts";
export { createProjectKeys } from "./keys/project-keys.ts";
export type { ProjectKeys, ProjectKeysOptions } from "./keys/project-keys.ts";
export type { JwtSettings } from "./keys/jwt-settings.ts";
export { openMetadata } from "./metadata/metadata.ts";
export type { Metadata, MetadataSource } from "./metadata/metadata.ts";
export { migrate } from "./migrations/migrate.ts";
export type { MigrateOptions } from "./migrations/migrate.ts";
export { countJobs } from "./jobs/count-jobs.ts";
export type { JobCounts } from "./jobs/count-jobs.ts";
export { withDatabase } from "./projects/native/connection-url.ts";
export type { ProjectRow } from "./projects/project-rows.ts";
export { migrateAll } from "./migrations/all/migrate-all.ts";
export type { MigrateAllOptions } from "./migrations/all/migrate-all-options.ts";
export { migrationSurroundings } from "./migrations/all/migration-surroundings.ts";
export type { MigrationSurroundings } from "./migrations/all/migration-surroundings.ts";
export type { AllMigrated, MigrationProgress, ProjectMigration, ProjectMigrationOutcome } from "./migrations/all/project-migration.ts";
export { ProjectUpgrades } from "./migrations/all/project-upgrades.ts";
export type { ProjectUpgradesOptions } from "./migrations/all/project-upgrades.ts";
export { upgradedFirst } from "./migrations/all/upgraded-first.ts";
export type { FirstMigrations } from "./projects/project-surroundings.ts";
export { releaseQuarantine } from "./migrations/all/quarantine.ts";
export { migrationsChecksum } from "./migrations/migration-checksum.ts";
export type { MigrationFile, MigrationResult } from "./migrations/migration-file.ts";
export { readMigrations } from "./migrations/read-migrations.ts";
export { EMBEDDED_SESSION_ROLE, embeddedSetup, PROJECT_SEARCH_PATH } from "./projects/base-setup.ts";
export { createProjects } from "./projects/control-plane.ts";
export type { ControlPlane, ControlPlaneOptions } from "./projects/control-plane.ts";
export type { OwnerDatabaseLease } from "./projects/open-owner-database.ts";
export type { DatabaseHost } from "./projects/database-host.ts";
export type { ClusterLoad, Placement, ProjectToPlace } from "./projects/clusters/choose-cluster.ts";
export { recordAudit } from "./audit/record-audit.ts";
export type { AuditEntry } from "./audit/record-audit.ts";
export type { AuditFacts } from "./audit/audited-fields.ts";
export { EmbeddedHost } from "./projects/embedded/embedded-host.ts";
export { DOOMED_DIRECTORY, EmbeddedInstances } from "./projects/embedded/embedded-instances.ts";
export type { EmbeddedLease, EmbeddedOpener } from "./projects/embedded/embedded-instances.ts";
export { NativeHost } from "./projects/native/native-host.ts";
export type { ProjectRecord } from "./projects/project-record.ts";
export { projectMoving } from "./projects/transfer/project-moving.ts";
export type { ApiKeyKind } from "./keys/api-key-form.ts";
export type { SigningAlgorithm } from "./keys/verification-keys.ts";
export type { ApiKey, CreateApiKeyOptions, CreatedApiKey, CreateSigningKeyOptions, Jwks, KeyStore, Overlap, RotatedJwtSecret, RotateJwtSecretOptions, RotateSigningKeyOptions, SigningKey, SigningKeyStatus } from "./projects/keys/key-store.ts";
export { recordKeys } from "./projects/keys/record-keys.ts";
export { createUnservedKeys } from "./projects/keys/unserved-keys.ts";
export type { UnservedKeys } from "./projects/keys/unserved-keys.ts";
export { createJwksService } from "./projects/keys/jwks-service.ts";
export { createKeyRing } from "./secrets/key-ring.ts";
export type { KeyRing } from "./secrets/key-ring.ts";
export { randomMasterKey, readOrMakeMasterKeyFile } from "./secrets/master-key-file.ts";
export type { MasterKeyFile } from "./secrets/master-key-file.ts";
export { rotateMasterKey } from "./secrets/rotate-master-key.ts";
export type { MasterKeyProgress, MasterKeyRotation, MasterKeySurroundings, RotateMasterKeyOptions } from "./secrets/rotate-master-key.ts";
export { rotateMasterKeyFile } from "./secrets/rotate-master-key-file.ts";
export { DatabaseTenant } from "./tenant/database-tenant.ts";
export { createTenantSecrets } from "./tenant/tenant-secrets.ts";
export type { TenantSecrets, TenantSecretsOptions } from "./tenant/tenant-secrets.ts";
export type { DatabaseTenantOptions } from "./tenant/database-tenant.ts";
export { TenantRegistry } from "./tenant/tenant-registry.ts";
export type { OpenTenant, TenantParts, TenantRegistryOptions } from "./tenant/tenant-registry.ts";
export { openEmbeddedDatabase } from "./database/embedded/open-embedded-database.ts";
export type { EmbeddedDatabase, OpenEmbeddedDatabaseOptions } from "./database/embedded/open-embedded-database.ts";
export { checkSettings } from "./service/check-settings.ts";
export { keepTemplate } from "./database/embedded/template/template-cache.ts";
export { authorityOf, normalizeDomain } from "./domains/domain-name.ts";
export { HostProjects } from "./domains/host-projects.ts";
export type { HostProjectsOptions } from "./domains/host-projects.ts";
export type { AddDomainOptions, DomainServes, ProjectDomain, ProjectDomains } from "./domains/project-domains.ts";
export { limitsOf, requestLimitsSchema } from "./limits/project-limits.ts";
export type { ProjectLimits, RequestLimits } from "./limits/project-limits.ts";
export type { RequestErrorContext } from "./fetch-handler/fetch-handler.ts";
export type { Endpoint, EndpointAnswer } from "./fetch-handler/endpoint.ts";
export type { Exchange } from "./observability/exchange.ts";
export type { FinishedRequest, RequestObserver } from "./observability/finished-request.ts";
export { guarded } from "./observability/guarded.ts";
export { healthEndpoints } from "./observability/health-endpoints.ts";
export type { HistogramSnapshot } from "./observability/histogram.ts";
export type { LogFields, Logger, LogLevel } from "./observability/logger.ts";
export { metricsEndpoint } from "./observability/metrics-endpoint.ts";
export { prometheusText } from "./observability/prometheus-text.ts";
export type { MetricFamily, MetricSample } from "./observability/prometheus-text.ts";
export { Readiness } from "./observability/readiness.ts";
export type { Health } from "./observability/readiness.ts";
export { requestFamilies } from "./observability/request-families.ts";
export { createRequestLog } from "./observability/request-log.ts";
export { RequestMetrics } from "./observability/request-metrics.ts";
export type { ProjectSeries, RequestMetricsSnapshot, RequestSeries } from "./observability/request-metrics.ts";
export type { Tracing } from "./observability/tracing.ts";
export { createJobQueue } from "./jobs/create-job-queue.ts";
export type { JobQueueOptions } from "./jobs/job-queue-options.ts";
export { defineJob } from "./jobs/define-job.ts";
export type { JobContext, JobDefinition, RetryPolicy } from "./jobs/define-job.ts";
export { JOB_ERRORS } from "./jobs/errors.ts";
export type { Job, JobFailure, JobProgress, JobStatus } from "./jobs/job.ts";
export type { AddJobOptions, DeadLetterFilter, DeadLetters, JobPage, JobQueue, ListJobsOptions, Schedule, ScheduleOptions, Schedules, WorkableJobQueue } from "./jobs/job-queue.ts";
