import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { type FlowStateRow, type HandedOver, issueAuthCode } from "../flow-state/flow-state.ts";
import { acceptInvite } from "../identities/accept-invite.ts";
import { linkIdentity } from "../identities/link-identity.ts";
import { admitted, announceUser, type ExpectedUser, expectUser, type ExternalUser, type SignedIn, signInWithIdentity } from "../identities/sign-in-with-identity.ts";
import { codeRedirect, sessionRedirect } from "../redirects/session-redirect.ts";
import { issueSession } from "../sessions/issue-session.ts";
import type { LoadedUser } from "../users/user.ts";

/**
 * Signs the user in whom a provider has made certain of, links the identity or takes up the invitation, as the flow began.
 * @returns where the browser goes: with a code (PKCE), or the session (implicit)
 */
export async function completeFlow(call: AuthCall, flow: FlowStateRow, external: ExternalUser, tokens: HandedOver, target: string): Promise<string> {
  const isSignIn = flow.linking_target_id === null && flow.invite_token === null;
  const expected = isSignIn ? await expectUser(call, external) : undefined;
  const { signedIn, address } = await call.db(async (db) => {
    const outcome = await enter(call, db, flow, external, expected);
    return { signedIn: outcome, address: "refused" in outcome ? target : await leave(call, db, flow, outcome.user, tokens, target) };
  });
  admitted(signedIn);
  await announceUser(call, signedIn);
  return address;
}

function enter(call: AuthCall, db: AuthTransaction, flow: FlowStateRow, external: ExternalUser, expected: ExpectedUser): Promise<SignedIn> {
  if (flow.linking_target_id !== null) return linkIdentity(call, db, flow.linking_target_id, external);
  if (flow.invite_token !== null) return acceptInvite(call, db, flow.invite_token, external);
  return signInWithIdentity(call, db, external, expected);
}

async function leave(call: AuthCall, db: AuthTransaction, flow: FlowStateRow, user: LoadedUser, tokens: HandedOver, target: string): Promise<string> {
  if (flow.code_challenge !== null) return codeRedirect(target, await issueAuthCode(call, db, flow.id, user.row.id, tokens));
  await db.deleteFrom("auth.flow_state").where("id", "=", flow.id).execute();
  const session = await issueSession(call, db, user, "oauth");
  return sessionRedirect(target, { ...session, provider_token: tokens.accessToken, provider_refresh_token: tokens.refreshToken });
}
