import { readSettings } from "@plinth/core";
import { type StorageConfig, storageOptionsSchema } from "./storage-options.ts";

/**
 * The settings of one project: the backend's, and over them the project's own.
 * @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong
 */
export const readStorageConfig = (options: unknown, own?: unknown): StorageConfig => readSettings("storage", storageOptionsSchema, { options, own });
