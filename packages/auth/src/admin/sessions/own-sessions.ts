import { audit } from "../../audit/record-audit-entry.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json, noContent } from "../../endpoint/respond.ts";
import { endSession } from "../../sessions/end-session.ts";
import { listSessions } from "../../sessions/list-sessions.ts";
import { uuidParam } from "../load-target.ts";

/** Where the user is signed in: for a page that shows it. `current` is the session that asks. */
export const ownSessions = defineEndpoint({
  id: "auth.user.sessions.list",
  method: "GET",
  path: "/user/sessions",
  access: "user",
  handle: async (call) => {
    const sessions = await call.db((db) => listSessions(db, call.user.row.id));
    return json({ sessions: sessions.map((session) => ({ ...session, current: session.id === call.session?.row.id })) });
  },
});

/** Signs the user out in one place. */
export const ownSessionDelete = defineEndpoint({
  id: "auth.user.sessions.delete",
  method: "DELETE",
  path: "/user/sessions/:sessionId",
  access: "user",
  handle: async (call) => {
    const sessionId = uuidParam(call, "sessionId", "session_id");
    await call.db(async (db) => {
      await endSession(db, call.user.row.id, sessionId);
      await audit(call, db, { action: "session_revoked", actor: call.user.row, traits: { session_id: sessionId } });
    });
    return noContent();
  },
});
