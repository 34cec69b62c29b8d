import type { Service } from "@plinth/core";
import { createRestService } from "@plinth/rest";
import type { BackendConfig } from "../config/backend-config.ts";

/** Every service of a backend, as its configuration has them. */
export function createServices(config: BackendConfig): readonly Service[] {
  return [createRestService({ config: config.rest, maxBodyBytes: config.maxBodyBytes, onError: (error) => config.onError(error) })];
}
