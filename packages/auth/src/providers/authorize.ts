import { defineEndpoint } from "../endpoint/endpoint.ts";
import { redirect } from "../endpoint/respond.ts";
import { authorizationUrl } from "./authorization-url.ts";

/** Sends a browser to a provider. */
export const authorize = defineEndpoint({
  id: "auth.authorize",
  method: "GET",
  path: "/authorize",
  access: "public",
  handle: async (call) => redirect(await authorizationUrl(call), 302),
});
