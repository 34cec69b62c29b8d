import { z } from "zod";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { issueSession } from "../sessions/issue-session.ts";
import type { SessionResponse } from "../sessions/session-response.ts";
import { findUser } from "../users/find-user.ts";
import { isBanned, isEmailConfirmed, isPhoneConfirmed, type LoadedUser } from "../users/user.ts";
import { requestOptions, verifyAssertion } from "../webauthn/assert-credential.ts";
import { type AssertionResponse, assertionResponseSchema } from "../webauthn/credential-response.ts";
import type { UsedCredential } from "../webauthn/credential.ts";
import { relyingPartyOf } from "../webauthn/relying-party.ts";
import { answerSchema, createPasskeyChallenge, takeAnswer } from "./passkey-challenge.ts";
import { type PasskeyRow, requirePasskeys, toCredential } from "./passkey.ts";

/** What a browser needs to let somebody choose a passkey. Nobody is named: the passkey says who it is. */
export const passkeyAuthenticationOptions = defineEndpoint({
  id: "auth.passkeys.authentication.options",
  method: "POST",
  path: "/passkeys/authentication/options",
  access: "open",
  rateLimit: "passkey",
  captcha: true,
  requires: requirePasskeys,
  body: z.unknown(),
  handle: async (call) => {
    const options = await requestOptions(await relyingPartyOf(call), []);
    return json(await call.db((db) => createPasskeyChallenge(call, db, "authentication", { options })));
  },
});

/** Signs in with a passkey. */
export const passkeyAuthenticationVerify = defineEndpoint({
  id: "auth.passkeys.authentication.verify",
  method: "POST",
  path: "/passkeys/authentication/verify",
  access: "open",
  requires: requirePasskeys,
  body: answerSchema,
  handle: async (call, body) => {
    const { challenge, response } = await takeAnswer(call, body, { ceremony: "authentication", schema: assertionResponseSchema });
    const passkey = await call.db((db) => findPasskey(db, response));
    const use = passkey && (await verifyAssertion(response, { relyingParty: await relyingPartyOf(call), challenge }, toCredential(passkey)));
    if (passkey === undefined || use === undefined) throw failure();
    return json(await call.db((db) => signIn(call, db, passkey, use)));
  },
});

const failure = (): AuthError => new AuthError(AUTH_ERRORS.webauthnVerificationFailed);

/** The credential that is named, where it is of the user that the authenticator names with it. */
async function findPasskey(db: AuthTransaction, { id, response }: AssertionResponse): Promise<PasskeyRow | undefined> {
  const passkey = await db.selectFrom("auth.webauthn_credentials").selectAll().where("credential_id", "=", Buffer.from(id, "base64url")).executeTakeFirst();
  const owner = response.userHandle === undefined ? "" : Buffer.from(response.userHandle, "base64url").toString();
  return passkey?.user_id === owner ? passkey : undefined;
}

async function signIn(call: AuthCall, db: AuthTransaction, { id, user_id: userId }: PasskeyRow, use: UsedCredential): Promise<SessionResponse> {
  const user = await findUser(db, { id: userId });
  if (user === undefined || user.row.deleted_at !== null) throw failure();
  checkUser(user);
  const at = now();
  // Of two answers with one count, one comes too late.
  const counted = await db
    .updateTable("auth.webauthn_credentials")
    .set({ sign_count: use.signCount, backed_up: use.backedUp, last_used_at: at, updated_at: at })
    .where("id", "=", id)
    .where((e) => (use.signCount === 0 ? e("sign_count", "=", "0") : e("sign_count", "<", String(use.signCount))))
    .returning("id")
    .executeTakeFirst();
  if (counted === undefined) throw failure();
  await audit(call, db, { action: "login", actor: user.row, traits: { passkey_id: id } });
  return issueSession(call, db, user, "passkey");
}

/** @throws BackendError email_not_confirmed, phone_not_confirmed, user_banned */
function checkUser({ row }: LoadedUser): void {
  if (row.email && !isEmailConfirmed(row)) throw new AuthError(AUTH_ERRORS.emailNotConfirmed, { status: 403 });
  if (row.phone && !isPhoneConfirmed(row)) throw new AuthError(AUTH_ERRORS.phoneNotConfirmed, { status: 403 });
  if (isBanned(row)) throw new AuthError(AUTH_ERRORS.userBannedForbidden);
}
