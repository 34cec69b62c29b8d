import { defineEndpoint, type Endpoint } from "../endpoint/endpoint.ts";
import { message } from "../endpoint/respond.ts";

/** Nothing is cached between Storage and who asks; whoever puts a cache before it is told when to look again. */
const purge = (id: string, path: string): Endpoint => defineEndpoint({ id, method: "DELETE", path, access: "admin", handle: async () => message("success") });

export const purgeObject = purge("storage.cdn.purge_object_cache", "/cdn/:bucket/*name");
export const purgeBucket = purge("storage.cdn.purge_bucket_cache", "/cdn/:bucket");
export const purgeProject = purge("storage.cdn.purge_tenant_cache", "/cdn");
