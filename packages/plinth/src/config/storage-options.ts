import type { ObjectStoreOptions, StorageOptions } from "@plinth/storage";
import { z } from "zod";

export interface BackendStorageOptions extends StorageOptions {
  /**
   * Where all projects' files are: a directory, any S3-compatible server, or a store of one's own.
   * Default: `<dataDirectory>/files`; in memory where the database is.
   */
  readonly store?: ObjectStoreOptions;
}

// Checked by the service, which merges it with each project's own.
export const storageOptionsSchema = z.custom<BackendStorageOptions>((value) => typeof value === "object" && value !== null).default({});
