import path from "node:path";
import type { Project, Service, ServiceFiles } from "@plinth/core";
import { type AssetsService, type Cdn, createAssetsService } from "@plinth/assets";
import { type AuthLog, type AuthService, createAuthService } from "@plinth/auth";
import { createRestService } from "@plinth/rest";
import { createStorageService, openPublicBucket, type StorageService } from "@plinth/storage";
import type { BackendConfig } from "../config/backend-config.ts";

/** What a project's database needs for them. */
export const setupOf = (services: readonly Service[]): readonly string[] => services.flatMap((service) => service.databaseSetup ?? []);

/** The settings of all of them that are secret, below their names. */
export const secretSettingsOf = (services: readonly Service[]): readonly string[] => services.flatMap(({ name, secretSettings = [] }) => secretSettings.map((path) => `${name}.${path}`));

/** Has each of them remove what it keeps of a project outside its database. */
export async function discardFrom(services: readonly Service[], project: Pick<Project, "uid" | "ref">): Promise<void> {
  for (const service of services) await service.discard?.(project);
}

/** What each of them keeps outside the database, for exports. */
export const filesOf = (services: readonly Service[]): ReadonlyMap<string, ServiceFiles> => new Map(services.flatMap(({ name, files }) => (files === undefined ? [] : [[name, files] as const])));

/** Files are kept beside the databases where nothing else is said. */
export function createStorage({ storage: { store, ...options }, dataDirectory, inMemory }: BackendConfig): StorageService {
  const kept = store ?? (inMemory ? { kind: "memory" as const } : { kind: "filesystem" as const, directory: path.join(dataDirectory, "files") });
  return createStorageService({ options, store: kept });
}

/** Its bytes are beside those of Storage, in the same store. */
export function createAssets({ assets: { cdn, ...options }, domains }: BackendConfig, storage: StorageService, ownerOf: Cdn["ownerOf"] = async () => undefined): AssetsService {
  const opened: Cdn | undefined = cdn && { bucket: openPublicBucket(cdn.store, "assets.cdn.store"), url: cdn.url, encoding: cdn.encoding, ownerOf };
  return createAssetsService({ options, store: () => storage.objectStore(), hosts: domains.assets, cdn: opened });
}

export const createAuth = (config: BackendConfig): AuthService => createAuthService({ options: config.auth, log: authLog(config) });

/** Every service of a backend, as its configuration has them. */
export function createServices(config: BackendConfig, auth: AuthService = createAuth(config), storage: StorageService = createStorage(config), assets: AssetsService = createAssets(config, storage)): readonly Service[] {
  return [createRestService({ config: config.rest, maxBodyBytes: config.maxBodyBytes, onError: (error) => config.onError(error) }), auth, assets, storage];
}

/** Where mails are shown that are not sent, and warnings: without a logger, on the console. */
function authLog({ logger }: BackendConfig): AuthLog {
  if (logger) return (line, fields, level = "info") => logger[level](fields, line);
  return (line, fields) => console.error(line, fields);
}
