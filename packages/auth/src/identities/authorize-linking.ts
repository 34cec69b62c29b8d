import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json, redirect } from "../endpoint/respond.ts";
import { authorizationUrl } from "../providers/authorization-url.ts";
import { requireManualLinking } from "./require-manual-linking.ts";

/** Sends a user to a provider, to link an identity there. */
export const authorizeLinking = defineEndpoint({
  id: "auth.identity.authorize",
  method: "GET",
  path: "/user/identities/authorize",
  access: "user",
  requires: requireManualLinking,
  handle: async (call) => {
    const url = await authorizationUrl(call, call.user.row.id);
    return call.query.get("skip_http_redirect") === "true" ? json({ url }) : redirect(url, 302);
  },
});
