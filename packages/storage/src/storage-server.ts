import { type ObjectStore, PathTable, type Project, type RequestContext } from "@plinth/core";
import type { StorageOptions } from "./config/storage-options.ts";
import { createCall } from "./endpoint/create-call.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { exposeHeaders } from "./endpoint/expose-headers.ts";
import { readJson } from "./endpoint/read-json.ts";
import type { StorageCall } from "./endpoint/storage-call.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { STORAGE_ERRORS } from "./errors.ts";
import { type StorageInside, storageInside } from "./in-process/storage-inside.ts";
import { StorageError } from "./storage-error.ts";
import { isS3Path } from "./s3/s3-path.ts";
import { prefixOf, type TenantStorage, tenantStorage } from "./tenant-storage.ts";
import { deleteBelow } from "./stores/delete-below.ts";

/** Answers requests to Storage: what is loaded with the first of them, rather than at the start. */
export interface StorageServer {
  handle(context: RequestContext): Promise<Response>;
  /** What logs and metrics call a request. */
  operation(method: string, path: string): string;
  /** Deletes all bytes of a project. */
  discard(project: Pick<Project, "uid">): Promise<void>;
  readonly inside: StorageInside;
  close(): Promise<void>;
}

export function createStorageServer(options: StorageOptions, store: ObjectStore): StorageServer {
  // A slash at the end of an object's name is a part of it.
  const table = new PathTable(ENDPOINTS, { strict: true });
  const stateKey = tenantStorage(options, store);
  return {
    handle: async (context) => exposeHeaders(context.request, await handle(table, context, context.tenant.state(stateKey))),
    operation: (method, path) => {
      if (isS3Path(path)) return "storage.s3";
      const match = table.find(method, path);
      return "entry" in match ? match.entry.id : "storage";
    },
    discard: (project) => deleteBelow(store, prefixOf(project)),
    inside: storageInside(store, stateKey),
    close: async () => store.close?.(),
  };
}

async function handle(table: PathTable<Endpoint>, context: RequestContext, storage: TenantStorage): Promise<Response> {
  const { request, path } = context;
  if (isS3Path(path)) return s3(context, storage);
  const match = table.find(request.method, withoutSlash(path));
  if (!("entry" in match)) throw new StorageError(STORAGE_ERRORS.routeNotFound, { message: `Route ${request.method}:${path} not found` });
  if (!storage.config.enabled) throw new StorageError(STORAGE_ERRORS.featureNotEnabled, { message: "Storage is switched off for this project" });
  const { entry: endpoint, params } = match;
  const call = createCall(context, { storage, operation: endpoint.id, params });
  admit(endpoint, call);
  return endpoint.handle(call, endpoint.body === undefined ? undefined : await readJson(request, endpoint.body));
}

async function s3(context: RequestContext, storage: TenantStorage): Promise<Response> {
  if (!storage.config.enabled) throw new StorageError(STORAGE_ERRORS.featureNotEnabled, { message: "Storage is switched off for this project" });
  const { handleS3 } = await import("./s3/s3-server.ts");
  return handleS3(context, storage);
}

/** `/bucket/` is `/bucket`. */
const withoutSlash = (path: string): string => (/^\/[a-z0-9-]+\/$/.test(path) ? path.slice(0, -1) : path);

function admit({ access }: Endpoint, { caller, context }: StorageCall): void {
  if (access === "admin" && caller.role !== context.tenant.project.roles.service) throw new StorageError(STORAGE_ERRORS.adminOnly);
}
