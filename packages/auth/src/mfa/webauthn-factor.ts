import type { z } from "zod";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { now } from "../database/now.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { requestOptions, verifyAssertion } from "../webauthn/assert-credential.ts";
import { creationOptions, type Expectation, verifyCreation } from "../webauthn/create-credential.ts";
import { assertionResponseSchema, creationResponseSchema } from "../webauthn/credential-response.ts";
import { type RelyingParty, relyingPartyOf } from "../webauthn/relying-party.ts";
import { factorsOf } from "./admit-factor.ts";
import type { Attempt, FactorKind, VerifyBody } from "./attempt.ts";
import { closeChallenge, createChallenge, expiryOf, findOpenChallenge } from "./challenge.ts";
import { toCredential, toStoredCredential, withUse } from "./factor-credential.ts";
import { findFactor, isVerified, type StoredFactor } from "./find-factor.ts";
import type { SessionCall } from "./require-session.ts";

/** A credential is made to begin with, and asked to sign ever after. */
type Ceremony = "create" | "request";

const ceremonyOf = (factor: StoredFactor): Ceremony => (isVerified(factor) ? "request" : "create");

/** Security keys and the like (WebAuthn). */
export const webauthnFactor: FactorKind = {
  isEnabled: ({ webAuthn }) => webAuthn.verifyEnabled,
  disabled: AUTH_ERRORS.mfaWebauthnVerifyDisabled,

  challenge: async (call, factorId) => {
    const relyingParty = await relyingPartyOf(call);
    return call.db(async (db) => {
      const factor = await findFactor(db, call.user.row.id, factorId);
      const type = ceremonyOf(factor);
      const publicKey = await (type === "create" ? optionsToCreate(call, db, relyingParty) : optionsToRequest(factor, relyingParty));
      const challenge = await createChallenge(call, db, factor, { webauthn: { type, challenge: publicKey.challenge } });
      await audit(call, db, { action: "challenge_created", actor: call.user.row, traits: { factor_id: factor.id, factor_status: factor.status } });
      return { id: challenge.id, type: factor.factor_type, expires_at: expiryOf(challenge, call), webauthn: { type, credential_options: { publicKey } } };
    });
  },

  attempt: async (call, factorId, body) => {
    const answer = answerOf(body);
    const relyingParty = await relyingPartyOf(call);
    // Used up by any answer, right or wrong: it is committed at once.
    const { factor, challenge } = await call.db((db) => takeChallenge(call, db, { factorId, body, type: answer.type }));
    return answer.type === "create"
      ? attemptCreation(answer.response, { relyingParty, challenge })
      : attemptAssertion(answer.response, { relyingParty, challenge }, factor);
  },
};

async function optionsToCreate({ user }: SessionCall, db: AuthTransaction, relyingParty: RelyingParty): Promise<{ readonly challenge: string }> {
  const own = (await factorsOf(db, user.row.id)).flatMap((factor) => (isVerified(factor) ? (toCredential(factor.web_authn_credential) ?? []) : []));
  return creationOptions({ relyingParty, user: user.row, exclude: own, discoverable: false });
}

async function optionsToRequest({ web_authn_credential: stored }: StoredFactor, relyingParty: RelyingParty): Promise<{ readonly challenge: string }> {
  const credential = toCredential(stored);
  if (credential === undefined) throw new AuthError(AUTH_ERRORS.webauthnCredentialNotFound);
  return requestOptions(relyingParty, [credential]);
}

type Answer =
  | { readonly type: "create"; readonly response: z.infer<typeof creationResponseSchema> }
  | { readonly type: "request"; readonly response: z.infer<typeof assertionResponseSchema> };

/** @throws BackendError validation_failed */
function answerOf({ webauthn }: VerifyBody): Answer {
  const refuse = (message: string): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message });
  if (!webauthn) throw refuse("WebAuthn config required");
  const { type, credential_response: given } = webauthn;
  if (type !== "create" && type !== "request") throw refuse("WebAuthn type must be create or request");
  if (given === undefined || given === null) throw refuse("credential_response required");
  const parsed = type === "create" ? creationResponseSchema.safeParse(given) : assertionResponseSchema.safeParse(given);
  if (!parsed.success) throw refuse("Invalid credential_response");
  return { type, response: parsed.data } as Answer;
}

interface Wanted {
  readonly factorId: string;
  readonly body: VerifyBody;
  readonly type: Ceremony;
}

async function takeChallenge(call: SessionCall, db: AuthTransaction, { factorId, body, type }: Wanted): Promise<{ readonly factor: StoredFactor; readonly challenge: string }> {
  const factor = await findFactor(db, call.user.row.id, factorId);
  const row = await findOpenChallenge(call, db, factor, body.challenge_id);
  const { type: asked, challenge } = (row.web_authn_session_data ?? {}) as { type?: string; challenge?: string };
  if (challenge === undefined || asked !== type || ceremonyOf(factor) !== type) throw new AuthError(AUTH_ERRORS.validationFailed, { message: `WebAuthn type must be ${ceremonyOf(factor)}, as the challenge has it` });
  await closeChallenge(db, row, null);
  return { factor, challenge };
}

const refused = (): Attempt => ({ valid: false, refusal: failure() });
const failure = (): AuthError => new AuthError(AUTH_ERRORS.mfaVerificationFailed, { message: "Failed to validate WebAuthn MFA response" });

async function attemptCreation(response: z.infer<typeof creationResponseSchema>, expectation: Expectation): Promise<Attempt> {
  const credential = await verifyCreation(response, expectation);
  if (credential === undefined) return refused();
  return {
    valid: true,
    accept: async (db, held) => {
      // Another answer came before: its credential stays.
      if (isVerified(held)) throw failure();
      await db.updateTable("auth.mfa_factors").set({ web_authn_credential: JSON.stringify(toStoredCredential(credential)), web_authn_aaguid: credential.aaguid, updated_at: now() }).where("id", "=", held.id).execute();
    },
  };
}

async function attemptAssertion(response: z.infer<typeof assertionResponseSchema>, expectation: Expectation, factor: StoredFactor): Promise<Attempt> {
  const credential = toCredential(factor.web_authn_credential);
  const use = credential && (await verifyAssertion(response, expectation, credential));
  if (use === undefined) return refused();
  return {
    valid: true,
    accept: async (db, held) => {
      const present = toCredential(held.web_authn_credential);
      if (present === undefined || (use.signCount > 0 && use.signCount <= present.signCount)) throw failure();
      await db.updateTable("auth.mfa_factors").set({ web_authn_credential: JSON.stringify(withUse(held.web_authn_credential ?? {}, use)), updated_at: now() }).where("id", "=", held.id).execute();
    },
  };
}
