import type { RequestContext, Service } from "@plinth/core";
import { readStorageConfig } from "./config/read-storage-config.ts";
import type { StorageOptions } from "./config/storage-options.ts";
import { STORAGE_SETUP } from "./database/storage-setup.ts";
import { isOpenPath } from "./endpoint/open-paths.ts";
import { renderError } from "./endpoint/render-error.ts";
import { namedProject } from "./endpoint/named-project.ts";
import type { StorageServer } from "./storage-server.ts";
import { isObjectStore, type ObjectStoreOptions } from "./stores/store-options.ts";
import { readStoreOptions } from "./stores/read-store-options.ts";

export interface StorageServiceOptions {
  /** For every project; a project's own `settings.storage` go before them. */
  readonly options: StorageOptions;
  /** Where the bytes of all projects are. Opened when it is first needed; closed with the service where it is not one's own. */
  readonly store: ObjectStoreOptions;
}

/** Supabase Storage's API at `/storage/v1`. @throws BackendError PLINTH_CONFIG_INVALID */
export function createStorageService({ options, store }: StorageServiceOptions): Service {
  readStorageConfig(options);
  const storeOptions = readStoreOptions(store);
  let server: StorageServer | undefined;
  let loading: Promise<StorageServer> | undefined;
  const start = async (): Promise<StorageServer> => {
    const [{ createStorageServer }, { openObjectStore }] = await Promise.all([import("./storage-server.ts"), import("./stores/open-store.ts")]);
    return (server = createStorageServer(options, openObjectStore(storeOptions)));
  };
  const load = (): Promise<StorageServer> => {
    loading ??= start();
    // Another request tries again.
    loading.catch(() => (loading = undefined));
    return loading;
  };
  return {
    name: "storage",
    prefix: "/storage/v1",
    databaseSetup: STORAGE_SETUP,
    isOpen: isOpenPath,
    refOf: namedProject,
    handle: async (context: RequestContext) => (server ?? (await load())).handle(context),
    operation: (method, path) => server?.operation(method, path) ?? "storage",
    checkSettings: (settings) => void readStorageConfig(options, settings),
    discard: async (project) => (server ?? (await load())).discard(project),
    renderError,
    close: async () => {
      const opened = await loading?.catch(() => undefined);
      if (!isObjectStore(storeOptions)) await opened?.close();
    },
  };
}
