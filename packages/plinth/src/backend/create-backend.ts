import process from "node:process";
import { ACCEPTS_LIGHT, BackendError, CORE_ERRORS, createCorsPolicy, createFetchHandler, createJwksService, createUnservedKeys, type Service, TenantRegistry, type Tracing } from "@plinth/core";
import type { AssetsService } from "@plinth/assets";
import type { AuthService } from "@plinth/auth";
import type { StorageService } from "@plinth/storage";
import { exposedTypes } from "@plinth/rest";
import { type BackendConfig, readConfig } from "../config/backend-config.ts";
import type { BackendOptions } from "../config/backend-options.ts";
import { createBackendTenants } from "./backend-tenant.ts";
import type { Backend } from "./backend.ts";
import { hostProjects } from "./host-projects.ts";
import { importProjectUsers } from "./import-project-users.ts";
import { openJobs } from "./open-jobs.ts";
import { loadTracing, metadataCheck, observe } from "./observe.ts";
import { createMigrations, migrateProject } from "./migrations.ts";
import { rotateKeys } from "./master-keys.ts";
import { openPlatform, type Platform } from "./open-platform.ts";
import { openRouting } from "./open-routing.ts";
import { openTenant } from "./open-tenant.ts";
import { createAssets, createAuth, createServices, createStorage } from "./services.ts";
import { storageSweeps } from "./sweep-storage.ts";

/**
 * Opens a whole backend: databases, projects and services behind one `fetch`.
 *
 * @throws BackendError PLINTH_CONFIG_INVALID, PLINTH_DIRECTORY_LOCKED, PLINTH_DATABASE_UNAVAILABLE,
 * PLINTH_MASTER_KEY_INVALID, PLINTH_MIGRATION_FAILED
 * @example
 * const backend = await createBackend({ migrations: "migrations" });
 * app.use(toExpressHandler(backend));
 */
export async function createBackend(options: BackendOptions = {}): Promise<Backend> {
  return open(readConfig(options, process.env), "serve");
}

/**
 * The same to look after projects with: the default project is neither made nor changed, nor is any database opened
 * before it is asked for.
 * @throws BackendError as `createBackend`
 */
export async function openAdministration(options: BackendOptions = {}): Promise<Backend> {
  return open(readConfig(options, process.env), "administer");
}

async function open(config: BackendConfig, purpose: "serve" | "administer"): Promise<Backend> {
  const auth = createAuth(config);
  const storage = createStorage(config);
  const assets = createAssets(config, storage, (ref) => uidOf(platform, ref));
  const services = createServices(config, auth, storage, assets);
  const loadingTracing = loadTracing(config);
  const platform = await openPlatform(config, services, { prepareDefault: purpose === "serve" });
  try {
    const defaultRef = purpose === "serve" ? await openDefaultProject(config, platform) : refOf(config);
    const backend = assemble(config, platform, { auth, storage, assets, all: services }, defaultRef, await loadingTracing);
    await holdDefaultDatabase(backend, platform);
    // Nobody waits for it, save close().
    if (purpose === "serve") void platform.sweep();
    return backend;
  } catch (error) {
    await platform.close();
    throw error;
  }
}

/** The default project's embedded database is open by now, and stays so for the requests to come. */
async function holdDefaultDatabase(backend: Backend, { prepared }: Platform): Promise<void> {
  const lease = await prepared;
  if (lease === undefined) return;
  await (await backend.tenant()).catalog({ sql: "select", parameters: [] });
  await lease.release();
}

/** @returns its ref; undefined where the options want none */
async function openDefaultProject(config: BackendConfig, platform: Platform): Promise<string | undefined> {
  const { project, projectMigrations, migrations = projectMigrations?.folder } = config;
  if (project === false) return undefined;
  await platform.controlPlane.ensureDefaultProject(project);
  if (migrations !== undefined) await migrateProject(platform, migrations, project.ref);
  return project.ref;
}

/** Of the project that has a ref, or has had it last. */
async function uidOf({ controlPlane }: Platform, ref: string): Promise<string | undefined> {
  try {
    return (await controlPlane.get(ref)).uid;
  } catch (error) {
    if (error instanceof BackendError && error.code === CORE_ERRORS.projectNotFound.code) return undefined;
    throw error;
  }
}

const refOf = ({ project }: BackendConfig): string | undefined => (project === false ? undefined : project.ref);

interface Services {
  readonly auth: AuthService;
  readonly storage: StorageService;
  readonly assets: AssetsService;
  readonly all: readonly Service[];
}

function assemble(config: BackendConfig, platform: Platform, services: Services, defaultRef: string | undefined, tracing: Tracing | undefined): Backend {
  const { controlPlane } = platform;
  const routing = openRouting(config);
  const migrations = createMigrations(config, platform);
  const tenants = new TenantRegistry({ open: (ref) => openTenant(config, platform, routing, migrations, ref), maxOpen: config.pool.maxOpenProjects });
  controlPlane.onChange((ref) => tenants.evict(ref));
  const tenant = createBackendTenants(tenants, services, { defaultRef, basePath: config.basePath });
  const sweeps = storageSweeps({ controlPlane, storage: services.storage, tenant });
  const jobs = openJobs(config, platform, sweeps);
  const hosts = hostProjects(config, platform);
  let closing: Promise<void> | undefined;
  const observability = observe(config, tracing, {
    checkMetadata: metadataCheck(config, platform),
    isClosing: () => closing !== undefined,
    figures: () => ({ tenants: { open: tenants.size }, embedded: { open: platform.instances.size }, connections: routing.metrics(), jobs: jobs.runs() }),
  });
  const requests = createFetchHandler({
    services: [services.assets.sites, createJwksService({ jwks: (ref) => controlPlane.keys(ref).jwks() }), services.auth.hostMetadata, ...services.all],
    basePath: config.basePath,
    tenants,
    hosts,
    defaultRef,
    unservedKeys: createUnservedKeys((ref) => controlPlane.record(ref), config.requireApiKey),
    cors: createCorsPolicy(config.cors),
    limits: config.limits,
    ...observability.ofRequests,
    onError: config.onError,
  });
  const close = () => closeInTurn([requests, jobs, migrations, tenants, routing, ...services.all, platform]);
  return {
    fetch: async (input, init) => {
      const request = input instanceof Request && init === undefined ? input : new Request(input, init);
      const response = await requests.handle(request);
      // As every fetch does. Adapters have nobody left to tell.
      if (!(ACCEPTS_LIGHT in request)) request.signal.throwIfAborted();
      return response;
    },
    projects: controlPlane,
    defaultRef,
    tenant,
    generateTypes: async ({ ref, ...types } = {}) => exposedTypes(await tenant(ref), config.rest, types),
    migrate: (folder, ref = defaultRef ?? "") => migrateProject(platform, folder, ref),
    migrateAll: (source, run) => migrations.migrateAll(source, run),
    releaseQuarantine: (ref, actor) => migrations.release(ref, actor),
    ownerDatabase: (ref = defaultRef ?? "") => controlPlane.ownerDatabase(ref),
    importUsers: async ({ ref = defaultRef ?? "", ...options }) => importProjectUsers(await tenant(ref), controlPlane, options),
    sweepStorage: (options = {}) => sweeps.all(options),
    rotateMasterKey: (rotation = {}) => rotateKeys(config, platform.metadata, platform.keyRing, rotation),
    jobs,
    start: () => jobs.start(),
    metrics: observability.metrics,
    health: () => observability.readiness.health(),
    close: () => (closing ??= close()),
  };
}

async function closeInTurn(parts: ReadonlyArray<{ close?(): Promise<void> }>): Promise<void> {
  for (const part of parts) await part.close?.();
}
