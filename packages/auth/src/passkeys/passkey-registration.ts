import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { isUniqueViolation } from "../database/database-errors.ts";
import { now, timestamp } from "../database/now.ts";
import type { UserCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { requireHighestAal } from "../mfa/require-session.ts";
import { findUser } from "../users/find-user.ts";
import { creationOptions, verifyCreation } from "../webauthn/create-credential.ts";
import { creationResponseSchema } from "../webauthn/credential-response.ts";
import type { NewCredential } from "../webauthn/credential.ts";
import { relyingPartyOf } from "../webauthn/relying-party.ts";
import { authenticatorNameOf } from "./authenticator-names.ts";
import { answerSchema, createPasskeyChallenge, takeAnswer } from "./passkey-challenge.ts";
import { AAL_MESSAGE, passkeysOf, type PasskeyRow, requirePasskeys, toCredential } from "./passkey.ts";

/** What a browser needs to make a passkey for the user. */
export const passkeyRegistrationOptions = defineEndpoint({
  id: "auth.passkeys.registration.options",
  method: "POST",
  path: "/passkeys/registration/options",
  access: "user",
  notAnonymous: true,
  requires: requirePasskeys,
  handle: async (call) => {
    requireManageable(call);
    const relyingParty = await relyingPartyOf(call);
    const own = await call.db((db) => passkeysOf(db, call.user.row.id));
    checkLimit(call, own);
    const options = await creationOptions({ relyingParty, user: call.user.row, exclude: own.map(toCredential), discoverable: true });
    return json(await call.db((db) => createPasskeyChallenge(call, db, "registration", { userId: call.user.row.id, options })));
  },
});

/** Keeps the passkey that was made. */
export const passkeyRegistrationVerify = defineEndpoint({
  id: "auth.passkeys.registration.verify",
  method: "POST",
  path: "/passkeys/registration/verify",
  access: "user",
  notAnonymous: true,
  requires: requirePasskeys,
  body: answerSchema,
  handle: async (call, body) => {
    requireManageable(call);
    const { challenge, response } = await takeAnswer(call, body, { ceremony: "registration", userId: call.user.row.id, schema: creationResponseSchema });
    const credential = await verifyCreation(response, { relyingParty: await relyingPartyOf(call), challenge });
    if (credential === undefined) throw new AuthError(AUTH_ERRORS.webauthnVerificationFailed);
    const passkey = await call.db((db) => keep(call, db, credential));
    return json({ id: passkey.id, friendly_name: passkey.friendly_name || undefined, created_at: timestamp(passkey.created_at) });
  },
});

/** @throws BackendError validation_failed, insufficient_aal */
function requireManageable(call: UserCall): void {
  if (call.user.row.is_sso_user) throw new AuthError(AUTH_ERRORS.validationFailed, { status: 422, message: "SSO users cannot register passkeys" });
  requireHighestAal(call, AAL_MESSAGE);
}

function checkLimit({ config }: UserCall, { length }: readonly PasskeyRow[]): void {
  if (length >= config.passkey.maxPasskeysPerUser) throw new AuthError(AUTH_ERRORS.tooManyPasskeys);
}

async function keep(call: UserCall, db: AuthTransaction, credential: NewCredential): Promise<PasskeyRow> {
  const { user } = call;
  // Held, so that parallel requests don't pass the limit together.
  await findUser(db, { id: user.row.id }, { forUpdate: true });
  checkLimit(call, await passkeysOf(db, user.row.id));
  const at = now();
  const insertion = db
    .insertInto("auth.webauthn_credentials")
    .values({
      user_id: user.row.id, credential_id: Buffer.from(credential.id), public_key: Buffer.from(credential.publicKey), attestation_type: credential.attestationType, aaguid: credential.aaguid,
      sign_count: credential.signCount, transports: JSON.stringify(credential.transports), backup_eligible: credential.backupEligible, backed_up: credential.backedUp,
      friendly_name: authenticatorNameOf(credential.aaguid), created_at: at, updated_at: at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const passkey = await insertion.catch((error: unknown) => {
    throw isUniqueViolation(error) ? new AuthError(AUTH_ERRORS.webauthnCredentialExists, { message: "This credential is already registered", cause: error }) : error;
  });
  await audit(call, db, { action: "passkey_created", actor: user.row, traits: { passkey_id: passkey.id } });
  return passkey;
}
