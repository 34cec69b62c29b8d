import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { admitted, announceUser, expectUser, type ExternalUser, type SignedIn, signInWithIdentity } from "../identities/sign-in-with-identity.ts";
import type { AuthenticationMethod } from "../sessions/authentication-method.ts";
import { issueSession } from "../sessions/issue-session.ts";
import type { SessionResponse } from "../sessions/session-response.ts";

/** A session for somebody whom a provider or a wallet has made certain of. */
export async function signInExternal(call: AuthCall, external: ExternalUser, method: AuthenticationMethod): Promise<SessionResponse> {
  const expected = await expectUser(call, external);
  return enterWith(call, method, (db) => signInWithIdentity(call, db, external, expected));
}

/** A session for the user that `enter` finds, in its transaction. @throws BackendError what `enter` refuses, once it is committed */
export async function enterWith(call: AuthCall, method: AuthenticationMethod, enter: (db: AuthTransaction) => Promise<SignedIn>): Promise<SessionResponse> {
  const { signedIn, session } = await call.db(async (db) => {
    const outcome = await enter(db);
    return { signedIn: outcome, session: "refused" in outcome ? undefined : await issueSession(call, db, outcome.user, method) };
  });
  admitted(signedIn);
  await announceUser(call, signedIn);
  return session!;
}
