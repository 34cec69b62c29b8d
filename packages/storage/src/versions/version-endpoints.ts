import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json, message } from "../endpoint/respond.ts";
import { sendObject } from "../objects/download/send-object.ts";
import { deleteVersion } from "./delete-version.ts";
import { findVersion, findVersions, type VersionsOf } from "./find-versions.ts";
import { showVersion } from "./object-version.ts";
import { restoreVersion } from "./restore-version.ts";

type Named = VersionsOf & { readonly version: string };

/** Not below `/object`, where a bucket could be called so. */
const ONE = "/version/:version/:bucket/*name";

export const listVersions = defineEndpoint({
  id: "storage.object.list_versions",
  method: "GET",
  path: "/versions/:bucket/*name",
  access: "key",
  handle: async (call) => json((await findVersions(call, call.params as unknown as VersionsOf)).map(showVersion)),
});

export const getVersion = defineEndpoint({
  id: "storage.object.get_version",
  method: "GET",
  path: ONE,
  access: "key",
  handle: async (call) => {
    const { version, ...of } = call.params as unknown as Named;
    const find = async () => {
      const found = await findVersion(call, of, version);
      return { ...found, id: found.object_id, updated_at: found.created_at, last_accessed_at: found.created_at };
    };
    return sendObject(call, await find(), { download: call.search.get("download"), again: find });
  },
});

export const restoreObjectVersion = defineEndpoint({
  id: "storage.object.restore_version",
  method: "POST",
  path: ONE,
  access: "key",
  handle: async (call) => {
    const { version, ...of } = call.params as unknown as Named;
    const restored = await restoreVersion(call, of, version);
    return json({ Id: restored.id, Key: `${of.bucket}/${of.name.normalize("NFC")}`, version: restored.version });
  },
});

export const deleteObjectVersion = defineEndpoint({
  id: "storage.object.delete_version",
  method: "DELETE",
  path: ONE,
  access: "key",
  handle: async (call) => {
    const { version, ...of } = call.params as unknown as Named;
    await deleteVersion(call, of, version);
    return message("Successfully deleted");
  },
});
