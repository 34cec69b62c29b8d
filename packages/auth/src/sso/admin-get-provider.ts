import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { namedSsoProvider, providerResponse } from "./sso-provider.ts";

export const adminGetProvider = defineEndpoint({
  id: "auth.admin.sso-provider.get",
  method: "GET",
  path: "/admin/sso/providers/:idpId",
  access: "admin",
  handle: async (call) => json(providerResponse(await call.db((db) => namedSsoProvider(call, db)))),
});
