import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { registrationSchema } from "./client-metadata.ts";
import { createOAuthClient } from "./create-oauth-client.ts";
import { clientResponse } from "./oauth-client.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";

export const adminCreateClient = defineEndpoint({
  id: "auth.admin.oauth-client.create",
  method: "POST",
  path: "/admin/oauth/clients",
  access: "admin",
  requires: requireOAuthServer,
  body: registrationSchema,
  handle: async (call, body) => {
    const { client, secret } = await createOAuthClient(call, body, "manual");
    return json(clientResponse(client, secret), 201);
  },
});
