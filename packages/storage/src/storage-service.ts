import type { ObjectStore, RequestContext, Service, Tenant } from "@plinth/core";
import { readStorageConfig } from "./config/read-storage-config.ts";
import type { StorageOptions } from "./config/storage-options.ts";
import { STORAGE_SETUP } from "./database/storage-setup.ts";
import { isOpenPath } from "./endpoint/open-paths.ts";
import { renderError } from "./endpoint/render-error.ts";
import { createTenantStorageApi } from "./in-process/create-tenant-storage-api.ts";
import type { StorageInside } from "./in-process/storage-inside.ts";
import type { TenantStorageApi } from "./in-process/tenant-storage-api.ts";
import { namedProject } from "./endpoint/named-project.ts";
import type { StorageServer } from "./storage-server.ts";
import { isObjectStore, type ObjectStoreOptions } from "./stores/store-options.ts";
import { storageFiles } from "./transfer/storage-files.ts";
import { readStoreOptions } from "./stores/read-store-options.ts";

const PREFIX = "/storage/v1";

export interface StorageServiceOptions {
  /** For every project; a project's own `settings.storage` go before them. */
  readonly options: StorageOptions;
  /** Where the bytes of all projects are. Opened when it is first needed; closed with the service where it is not one's own. */
  readonly store: ObjectStoreOptions;
}

export interface StorageService extends Service {
  /** A project's files, for host code in the same process. @param path where the backend is mounted, without a slash at its end */
  inProcess(tenant: Tenant, path: string): TenantStorageApi;
  /** Where the bytes are: opened when it is first needed, for other services too, who leave what is below `<uid>/<version>` alone. Closed with this one. */
  objectStore(): Promise<ObjectStore>;
  /** What is done for all projects. */
  inside(): Promise<Pick<StorageInside, "hasBytes" | "removeLeftovers">>;
}

/** Supabase Storage's API at `/storage/v1`. @throws BackendError PLINTH_CONFIG_INVALID */
export function createStorageService({ options, store }: StorageServiceOptions): StorageService {
  readStorageConfig(options);
  const storeOptions = readStoreOptions(store);
  let server: StorageServer | undefined;
  let loading: Promise<StorageServer> | undefined;
  let opening: Promise<ObjectStore> | undefined;
  const openStore = async (): Promise<ObjectStore> => (await import("./stores/open-store.ts")).openObjectStore(storeOptions);
  const objectStore = (): Promise<ObjectStore> => {
    opening ??= openStore();
    opening.catch(() => (opening = undefined));
    return opening;
  };
  const start = async (): Promise<StorageServer> => {
    const [{ createStorageServer }, opened] = await Promise.all([import("./storage-server.ts"), objectStore()]);
    return (server = createStorageServer(options, opened));
  };
  const load = (): Promise<StorageServer> => {
    loading ??= start();
    // Another request tries again.
    loading.catch(() => (loading = undefined));
    return loading;
  };
  const inside = async (): Promise<StorageInside> => (server ?? (await load())).inside;
  return {
    name: "storage",
    prefix: PREFIX,
    databaseSetup: STORAGE_SETUP,
    isOpen: isOpenPath,
    refOf: namedProject,
    handle: async (context: RequestContext) => (server ?? (await load())).handle(context),
    operation: (method, path) => server?.operation(method, path) ?? "storage",
    checkSettings: (settings) => void readStorageConfig(options, settings),
    files: storageFiles(objectStore),
    discard: async (project) => (server ?? (await load())).discard(project),
    inProcess: (tenant, path) => createTenantStorageApi({ tenant, path: path + PREFIX, load: inside }),
    inside,
    objectStore,
    renderError,
    close: async () => {
      await loading?.catch(() => undefined);
      const opened = await opening?.catch(() => undefined);
      if (!isObjectStore(storeOptions)) await opened?.close?.();
    },
  };
}
