import process from "node:process";
import { ACCEPTS_LIGHT, createCorsPolicy, createFetchHandler, migrate, readMigrations, TenantRegistry } from "@plinth/core";
import { createRestService } from "@plinth/rest";
import { type BackendConfig, readConfig } from "../config/backend-config.ts";
import type { BackendOptions } from "../config/backend-options.ts";
import type { Backend } from "./backend.ts";
import { openPlatform, type Platform } from "./open-platform.ts";
import { openTenant } from "./open-tenant.ts";

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
  const config = readConfig(options, process.env);
  const services = [createRestService({ config: config.rest, maxBodyBytes: config.maxBodyBytes, onError: (error) => config.onError(error) })];
  const platform = await openPlatform(config, services);
  try {
    const defaultRef = await openDefaultProject(config, platform);
    const backend = assemble(config, platform, services, defaultRef);
    await holdDefaultDatabase(backend, platform);
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
async function openDefaultProject({ project, migrations }: BackendConfig, platform: Platform): Promise<string | undefined> {
  if (project === false) return undefined;
  await platform.controlPlane.ensureDefaultProject(project);
  if (migrations !== undefined) await migrateProject(platform, migrations, project.ref);
  return project.ref;
}

async function migrateProject({ controlPlane }: Platform, folder: string, ref: string) {
  const files = await readMigrations(folder);
  const owner = await controlPlane.ownerDatabase(ref);
  try {
    return (await migrate(owner, files)).filter(({ outcome }) => outcome === "applied");
  } finally {
    await owner.release();
  }
}

function assemble(config: BackendConfig, platform: Platform, services: Parameters<typeof createFetchHandler>[0]["services"], defaultRef: string | undefined): Backend {
  const { controlPlane } = platform;
  const tenants = new TenantRegistry({ open: (ref) => openTenant(config, platform, ref), maxOpen: config.pool.maxOpenProjects });
  controlPlane.onChange((ref) => tenants.evict(ref));
  const requests = createFetchHandler({
    services,
    basePath: config.basePath,
    tenants,
    defaultRef,
    cors: createCorsPolicy(config.cors),
    onError: config.onError,
  });
  let closing: Promise<void> | undefined;
  const close = async () => {
    await requests.close();
    await tenants.close();
    for (const service of services) await service.close?.();
    await platform.close();
  };
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
    tenant: async (ref = defaultRef ?? "") => (await tenants.get(ref)).tenant,
    migrate: (folder, ref = defaultRef ?? "") => migrateProject(platform, folder, ref),
    ownerDatabase: (ref = defaultRef ?? "") => controlPlane.ownerDatabase(ref),
    close: () => (closing ??= close()),
  };
}
