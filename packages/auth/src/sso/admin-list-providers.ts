import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { listSsoProviders, providerResponse } from "./sso-provider.ts";

/** Without their metadata, which are long. */
export const adminListProviders = defineEndpoint({
  id: "auth.admin.sso-provider.list",
  method: "GET",
  path: "/admin/sso/providers",
  access: "admin",
  handle: async ({ db, query }) => {
    const found = await db((transaction) => listSsoProviders(transaction, { resourceId: query.get("resource_id"), resourceIdPrefix: query.get("resource_id_prefix") }));
    return json({ items: found.map((provider) => providerResponse(provider, { withMetadata: false })) });
  },
});
