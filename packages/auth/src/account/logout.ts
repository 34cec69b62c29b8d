import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { UserCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { noContent } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { endSessions, type SignOutScope } from "../sessions/end-sessions.ts";

const SCOPES: ReadonlySet<string> = new Set<SignOutScope>(["global", "local", "others"]);

/** Ends the user's sessions: all of them, this one (`scope=local`), or the others. */
export const logout = defineEndpoint({
  id: "auth.logout",
  method: "POST",
  path: "/logout",
  access: "user",
  oauthClients: true,
  handle: async (call) => {
    const scope = call.query.get("scope") || "global";
    if (!SCOPES.has(scope)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: `Unsupported logout scope ${JSON.stringify(scope)}` });
    await call.db(async (db) => {
      await audit(call, db, { action: "logout", actor: call.user.row });
      await endSessions(db, call.user.row.id, scopeOf(call, scope as SignOutScope), call.session?.row.id);
    });
    return noContent();
  },
});

/** A token without a session signs out of all. An OAuth client ends its own session alone. */
function scopeOf({ session }: UserCall, asked: SignOutScope): SignOutScope {
  if (session === undefined) return "global";
  return session.row.oauth_client_id === null ? asked : "local";
}
