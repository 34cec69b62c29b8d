import path from "node:path";
import { EMBEDDED_BASE_SETUP, type EmbeddedOpener, openEmbeddedDatabase } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";

/** How this backend's embedded databases are opened: the projects', and the one that holds the metadata. */
export interface EmbeddedOpeners {
  readonly project: EmbeddedOpener;
  readonly metadata: EmbeddedOpener;
}

/** Both begin as a copy of one template, which has the set-up of projects: the metadata only has less use for it. */
export function createEmbeddedOpeners({ dataDirectory, inMemory, statementTimeoutMs }: BackendConfig): EmbeddedOpeners {
  const shared = { setup: [EMBEDDED_BASE_SETUP], ...(inMemory ? {} : { cacheDirectory: path.join(dataDirectory, "template") }) };
  return {
    project: (directory) => openEmbeddedDatabase({ ...shared, directory, statementTimeoutMs }),
    metadata: (directory) => openEmbeddedDatabase({ ...shared, directory }),
  };
}
