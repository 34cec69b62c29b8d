import type { AuthCall, UserCall } from "../endpoint/auth-call.ts";
import type { UserRow } from "../users/user.ts";

/** Who administers: a user whose role may, or nobody but the service role. */
export const actorOf = (call: AuthCall | UserCall): UserRow | undefined => ("user" in call ? call.user.row : undefined);
