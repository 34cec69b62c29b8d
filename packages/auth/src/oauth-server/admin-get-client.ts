import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { clientResponse, namedOAuthClient } from "./oauth-client.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";

export const adminGetClient = defineEndpoint({
  id: "auth.admin.oauth-client.get",
  method: "GET",
  path: "/admin/oauth/clients/:clientId",
  access: "admin",
  requires: requireOAuthServer,
  handle: async (call) => json(clientResponse(await call.db((db) => namedOAuthClient(call, db)))),
});
