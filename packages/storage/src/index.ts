export { createStorageService } from "./storage-service.ts";
export type { StorageServiceOptions } from "./storage-service.ts";
export type { StorageConfig, StorageOptions } from "./config/storage-options.ts";
export { storageOptionsSchema } from "./config/storage-options.ts";
export { STORAGE_ERRORS } from "./errors.ts";
export { STORAGE_SETUP } from "./database/storage-setup.ts";
export type { ObjectStoreOptions } from "./stores/store-options.ts";
export { MemoryStore } from "./stores/memory/memory-store.ts";
export type { MemoryStoreOptions } from "./stores/memory/memory-store.ts";
