import { z } from "zod";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthConfig } from "../config/auth-options.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { FactorType } from "../database/auth-tables.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { optionalText } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { findUser } from "../users/find-user.ts";
import { normalizePhone } from "../users/normalize-address.ts";
import { admitFactor, factorsOf } from "./admit-factor.ts";
import { createFactor } from "./create-factor.ts";
import { nameText } from "./name-text.ts";
import { isVerified } from "./find-factor.ts";
import { requireSession, type SessionCall } from "./require-session.ts";
import { createTotp, sealTotpSecret } from "./totp.ts";

const bodySchema = z.object({ friendly_name: nameText("friendly_name"), factor_type: optionalText, issuer: nameText("issuer"), phone: optionalText });
type EnrollBody = z.infer<typeof bodySchema>;

/** What the client gets of a new factor. */
interface EnrolledFactor {
  readonly id: string;
  readonly type: FactorType;
  readonly friendly_name: string;
  readonly totp?: { readonly qr_code: string; readonly secret: string; readonly uri: string };
  readonly phone?: string;
}

interface Enrollment {
  readonly isEnabled: (mfa: AuthConfig["mfa"]) => boolean;
  readonly disabled: ConstructorParameters<typeof AuthError>[0];
  enroll(call: SessionCall, body: EnrollBody): Promise<EnrolledFactor>;
}

const ENROLLMENTS: Readonly<Record<FactorType, Enrollment>> = {
  totp: { isEnabled: ({ totp }) => totp.enrollEnabled, disabled: AUTH_ERRORS.mfaTotpEnrollDisabled, enroll: enrollTotp },
  phone: { isEnabled: ({ phone }) => phone.enrollEnabled, disabled: AUTH_ERRORS.mfaPhoneEnrollDisabled, enroll: enrollPhone },
  webauthn: { isEnabled: ({ webAuthn }) => webAuthn.enrollEnabled, disabled: AUTH_ERRORS.mfaWebauthnEnrollDisabled, enroll: enrollWebauthn },
};

/** Begins a second factor. It counts once it was verified. */
export const enrollFactor = defineEndpoint({
  id: "auth.mfa.enroll",
  method: "POST",
  path: "/factors",
  access: "user",
  notAnonymous: true,
  body: bodySchema,
  handle: async (userCall, body) => {
    const call = requireSession(userCall);
    const type = body.factor_type ?? "";
    const enrollment = Object.hasOwn(ENROLLMENTS, type) ? ENROLLMENTS[type as FactorType] : undefined;
    if (enrollment === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "factor_type needs to be totp, phone, or webauthn" });
    if (!enrollment.isEnabled(call.config.mfa)) throw new AuthError(enrollment.disabled);
    return json(await enrollment.enroll(call, body));
  },
});

async function enrollTotp(call: SessionCall, { friendly_name: name = "", issuer }: EnrollBody): Promise<EnrolledFactor> {
  const { id: userId, email, phone } = call.user.row;
  const totp = await createTotp({ issuer: issuer ?? (await issuerOf(call)), label: email || phone || userId });
  const secret = await sealTotpSecret(call, totp.secret);
  const factor = await call.db(async (db) => {
    await admitFactor(call, db, name);
    return create(call, db, { friendlyName: name, type: "totp", secret });
  });
  return { id: factor.id, type: "totp", friendly_name: name, totp: { qr_code: totp.qrCode, secret: totp.secret, uri: totp.uri } };
}

/** The application's host. */
async function issuerOf({ config, issuer }: SessionCall): Promise<string> {
  const url = config.siteUrl ?? (await issuer());
  return URL.canParse(url) ? new URL(url).host : url;
}

async function enrollPhone(call: SessionCall, { friendly_name: name = "", phone: given }: EnrollBody): Promise<EnrolledFactor> {
  if (given === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Phone number required to enroll Phone factor" });
  const phone = normalizePhone(given);
  const factor = await call.db(async (db) => {
    await findUser(db, { id: call.user.row.id }, { forUpdate: true });
    await replacePhone(db, call.user.row.id, phone);
    await admitFactor(call, db, name);
    return create(call, db, { friendlyName: name, type: "phone", phone });
  });
  return { id: factor.id, type: "phone", friendly_name: name, phone: given };
}

/** A number is one factor: an unfinished one of it gives way. */
async function replacePhone(db: AuthTransaction, userId: string, phone: string): Promise<void> {
  const same = (await factorsOf(db, userId)).filter((factor) => factor.factor_type === "phone" && factor.phone === phone);
  if (same.some(isVerified)) throw new AuthError(AUTH_ERRORS.mfaVerifiedFactorExists);
  if (same.length > 0) await db.deleteFrom("auth.mfa_factors").where("id", "in", same.map(({ id }) => id)).where("status", "=", "unverified").execute();
}

async function enrollWebauthn(call: SessionCall, { friendly_name: name = "" }: EnrollBody): Promise<EnrolledFactor> {
  const factor = await call.db(async (db) => {
    await admitFactor(call, db, name);
    return create(call, db, { friendlyName: name, type: "webauthn" });
  });
  return { id: factor.id, type: "webauthn", friendly_name: name };
}

async function create(call: SessionCall, db: AuthTransaction, factor: Parameters<typeof createFactor>[2]): ReturnType<typeof createFactor> {
  const created = await createFactor(db, call.user.row.id, factor);
  await audit(call, db, { action: "factor_in_progress", actor: call.user.row, traits: { factor_id: created.id, factor_type: factor.type } });
  return created;
}
