import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { listSessions } from "../../sessions/list-sessions.ts";
import { loadTarget } from "../load-target.ts";

/** Where a user is signed in. */
export const adminSessions = defineEndpoint({
  id: "auth.admin.sessions.list",
  method: "GET",
  path: "/admin/users/:userId/sessions",
  access: "admin",
  handle: async (call) => json({ sessions: await call.db(async (db) => listSessions(db, (await loadTarget(call, db)).row.id)) }),
});
