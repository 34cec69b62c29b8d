import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { toUser } from "../../users/user.ts";
import { loadTarget } from "../load-target.ts";

export const adminUserGet = defineEndpoint({
  id: "auth.admin.users.get",
  method: "GET",
  path: "/admin/users/:userId",
  access: "admin",
  handle: async (call) => json(toUser(await call.db((db) => loadTarget(call, db)))),
});
