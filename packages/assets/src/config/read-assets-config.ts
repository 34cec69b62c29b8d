import { readSettings } from "@plinth/core";
import { type AssetsConfig, assetsOptionsSchema } from "./assets-options.ts";

/**
 * The settings of one project: the backend's, and over them the project's own.
 * @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong
 */
export const readAssetsConfig = (options: unknown, own?: unknown): AssetsConfig => readSettings("assets", assetsOptionsSchema, { options, own });
