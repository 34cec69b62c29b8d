import { audit } from "../../audit/record-audit-entry.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { noContent } from "../../endpoint/respond.ts";
import { endSession } from "../../sessions/end-session.ts";
import { endSessions } from "../../sessions/end-sessions.ts";
import { actorOf } from "../actor-of.ts";
import { loadTarget, uuidParam } from "../load-target.ts";

/** Signs a user out everywhere. */
export const adminSessionsDelete = defineEndpoint({
  id: "auth.admin.sessions.delete",
  method: "DELETE",
  path: "/admin/users/:userId/sessions",
  access: "admin",
  handle: async (call) => {
    await call.db(async (db) => {
      const { row } = await loadTarget(call, db);
      await endSessions(db, row.id, "global", undefined);
      await audit(call, db, { action: "session_revoked", actor: actorOf(call), traits: { user_id: row.id } });
    });
    return noContent();
  },
});

/** Signs a user out in one place. */
export const adminSessionDelete = defineEndpoint({
  id: "auth.admin.sessions.delete-one",
  method: "DELETE",
  path: "/admin/users/:userId/sessions/:sessionId",
  access: "admin",
  handle: async (call) => {
    await call.db(async (db) => {
      const { row } = await loadTarget(call, db);
      const sessionId = uuidParam(call, "sessionId", "session_id");
      await endSession(db, row.id, sessionId);
      await audit(call, db, { action: "session_revoked", actor: actorOf(call), traits: { user_id: row.id, session_id: sessionId } });
    });
    return noContent();
  },
});
