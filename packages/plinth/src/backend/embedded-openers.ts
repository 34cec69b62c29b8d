import path from "node:path";
import { embeddedSetup, type EmbeddedOpener, openEmbeddedDatabase, PROJECT_SEARCH_PATH } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";

/** How this backend's embedded databases are opened: the projects', and the one that holds the metadata. */
export interface EmbeddedOpeners {
  readonly project: EmbeddedOpener;
  readonly metadata: EmbeddedOpener;
}

/** Milliseconds. The metadata is read when a project is opened, and hardly ever else: its memory is freed meanwhile. */
const METADATA_SLEEPS_AFTER = 1_000;

/** Both begin as a copy of one template, which has the set-up of projects: the metadata only has less use for it. */
/** @param databaseSetup each service's */
export function createEmbeddedOpeners({ dataDirectory, inMemory, statementTimeoutMs }: BackendConfig, databaseSetup: readonly string[]): EmbeddedOpeners {
  const shared = { setup: embeddedSetup(databaseSetup), ...(inMemory ? {} : { cacheDirectory: path.join(dataDirectory, "template") }) };
  return {
    project: (directory) => openEmbeddedDatabase({ ...shared, directory, statementTimeoutMs, settings: { search_path: PROJECT_SEARCH_PATH } }),
    metadata: (directory) => openEmbeddedDatabase({ ...shared, directory, sleepAfterMs: METADATA_SLEEPS_AFTER }),
  };
}
