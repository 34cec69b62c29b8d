import type { Endpoint } from "./endpoint/assets-call.ts";
import { createFile, getFile, listFiles, putFile, removeFile } from "./files/file-endpoints.ts";
import { deleteReleaseEndpoint, getReleaseEndpoint, listReleasesEndpoint, publishEndpoint, rollBackEndpoint } from "./releases/release-endpoints.ts";
import { getSettings, patchSettings } from "./settings/settings-endpoints.ts";

/** The administration of sites, below `/assets/admin/v1`. */
export const ENDPOINTS: readonly Endpoint[] = [
  listFiles, getFile, createFile, putFile, removeFile,
  listReleasesEndpoint, publishEndpoint, getReleaseEndpoint, deleteReleaseEndpoint, rollBackEndpoint,
  getSettings, patchSettings,
];
