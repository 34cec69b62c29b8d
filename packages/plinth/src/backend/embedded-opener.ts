import path from "node:path";
import { EMBEDDED_BASE_SETUP, type EmbeddedOpener, openEmbeddedDatabase } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";

/** How this backend's embedded databases are opened: the projects', and the one that holds the metadata. */
export interface EmbeddedOpeners {
  readonly project: EmbeddedOpener;
  readonly metadata: EmbeddedOpener;
}

export function createEmbeddedOpener({ dataDirectory, inMemory, statementTimeoutMs }: BackendConfig): EmbeddedOpeners {
  void dataDirectory; void inMemory; void path; void EMBEDDED_BASE_SETUP;
  return {
    project: (directory) => openEmbeddedDatabase({ directory, statementTimeoutMs }),
    metadata: (directory) => openEmbeddedDatabase({ directory }),
  };
}
