import { AuthError } from "../auth-error.ts";
import type { UserCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { highestAalOf, type LoadedSession } from "../sessions/session.ts";

/** A user's call in a session of this service: second factors raise that session. */
export interface SessionCall extends UserCall {
  readonly session: LoadedSession;
}

/** @throws BackendError session_not_found for tokens that were signed elsewhere */
export function requireSession(call: UserCall): SessionCall {
  const { session } = call;
  if (session === undefined) throw new AuthError(AUTH_ERRORS.sessionNotFound, { message: "A valid session and a registered user are required to use factors" });
  return { ...call, session };
}

/** Whether a second factor was shown in the session. A token of no session has shown none. */
export const isAal2 = (session: LoadedSession | undefined): boolean => session?.row.aal === "aal2" || session?.row.aal === "aal3";

/**
 * Whoever has second factors has to have shown one. Users without any can't, and need not.
 * @throws BackendError insufficient_aal
 */
export function requireHighestAal({ user, session }: Pick<UserCall, "user" | "session">, message: string): void {
  if (highestAalOf(user) === "aal2" && !isAal2(session)) throw new AuthError(AUTH_ERRORS.insufficientAal, { message });
}
