import { isUuid } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { type FlowStateRow, isExpired } from "../flow-state/flow-state.ts";
import { type ClientState, takeClientState } from "./client-state.ts";

/** A flow that has come back, and goes on here alone. */
export interface ReturnedFlow {
  readonly row: FlowStateRow;
  readonly state: ClientState;
}

/**
 * The flow that a state is of. A state is good once, and for a while.
 * @throws BackendError bad_oauth_callback, bad_oauth_state, flow_state_already_used
 */
export async function takeFlow(call: AuthCall, state: string | null): Promise<ReturnedFlow> {
  if (!state) throw new AuthError(AUTH_ERRORS.badOauthCallback, { message: "OAuth state parameter missing" });
  if (!isUuid(state)) throw new AuthError(AUTH_ERRORS.badOauthState);
  return call.db(async (db) => {
    const row = await db.selectFrom("auth.flow_state").selectAll().where("id", "=", state).where("oauth_client_state_id", "is not", null).executeTakeFirst();
    if (row?.oauth_client_state_id == null) throw new AuthError(AUTH_ERRORS.badOauthState, { message: "OAuth state not found or expired" });
    if (isExpired(row, call)) throw new AuthError(AUTH_ERRORS.badOauthState, { message: "OAuth state has expired" });
    const kept = await takeClientState(call, db, row.oauth_client_state_id);
    if (kept === undefined || row.user_id !== null) throw new AuthError(AUTH_ERRORS.flowStateAlreadyUsed);
    return { row, state: kept };
  });
}
