import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";

/** That the service answers; clients look for the name. */
export const health = defineEndpoint({
  id: "auth.health",
  method: "GET",
  path: "/health",
  access: "public",
  handle: async () => json({ version: "v2", name: "GoTrue", description: "GoTrue is a user registration and authentication API" }),
});
