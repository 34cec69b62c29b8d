import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { toFactor } from "../../users/user.ts";
import { loadTarget } from "../load-target.ts";

/** A user's second factors, unverified ones as well. */
export const adminFactors = defineEndpoint({
  id: "auth.admin.factors.list",
  method: "GET",
  path: "/admin/users/:userId/factors",
  access: "admin",
  handle: async (call) => json((await call.db((db) => loadTarget(call, db))).factors.map(toFactor)),
});
