import { randomUUID } from "node:crypto";
import { isUuid } from "@plinth/core";
import { audit } from "../../audit/record-audit-entry.ts";
import { AuthError } from "../../auth-error.ts";
import type { AuthTransaction } from "../../database/auth-database.ts";
import type { AuthCall } from "../../endpoint/auth-call.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { createIdentity } from "../../identities/create-identity.ts";
import { hashPassword } from "../../passwords/hash-password.ts";
import { isPasswordHash } from "../../passwords/verify-password.ts";
import { createUser, type NewUser } from "../../users/create-user.ts";
import { findUser } from "../../users/find-user.ts";
import { isEmailTaken } from "../../users/is-email-taken.ts";
import { mergeMetadata } from "../../users/merge-metadata.ts";
import { normalizeEmail, normalizePhone } from "../../users/normalize-address.ts";
import { type IdentityRow, type LoadedUser, toUser } from "../../users/user.ts";
import { actorOf } from "../actor-of.ts";
import { bannedUntil } from "../ban-duration.ts";
import { attributesSchema, type UserAttributes } from "./user-attributes.ts";

/** Makes a user, without any mail. */
export const adminUserCreate = defineEndpoint({
  id: "auth.admin.users.create",
  method: "POST",
  path: "/admin/users",
  access: "admin",
  body: attributesSchema,
  handle: async (call, attributes) => {
    const user = await newUser(call, attributes);
    return json(toUser(await call.db((db) => create(call, db, user))));
  },
});

interface UserToCreate extends NewUser {
  readonly id: string;
  /** At least one. */
  readonly providers: readonly string[];
}

async function newUser({ aud, config }: AuthCall, attributes: UserAttributes): Promise<UserToCreate> {
  if (attributes.email === undefined && attributes.phone === undefined) throw invalid("Cannot create a user without either an email or phone");
  const email = attributes.email === undefined ? undefined : normalizeEmail(attributes.email);
  const phone = attributes.phone === undefined ? undefined : normalizePhone(attributes.phone);
  const providers = [...(email === undefined ? [] : ["email"]), ...(phone === undefined ? [] : ["phone"])];
  const isConfirmed = attributes.email_confirm ? { email_verified: true } : {};
  return {
    id: chosenId(attributes.id),
    aud: attributes.aud ?? aud,
    role: attributes.role ?? config.jwt.defaultGroupName,
    email,
    phone,
    providers,
    passwordHash: await passwordHash(attributes, config.password.cost),
    appMetadata: mergeMetadata({ provider: providers[0], providers }, attributes.app_metadata),
    userMetadata: mergeMetadata(mergeMetadata({}, attributes.user_metadata), { ...isConfirmed, ...(attributes.phone_confirm ? { phone_verified: true } : {}) }),
    emailConfirmed: attributes.email_confirm ?? false,
    phoneConfirmed: attributes.phone_confirm ?? false,
    bannedUntil: bannedUntil(attributes.ban_duration) ?? undefined,
  };
}

function chosenId(id: string | undefined): string {
  if (id === undefined) return randomUUID();
  if (!isUuid(id)) throw invalid("ID must conform to the uuid v4 format");
  if (/^[0-]+$/.test(id)) throw invalid("ID cannot be a nil uuid");
  return id.toLowerCase();
}

/** None where neither is given: such a user signs in by mail or message. */
async function passwordHash({ password, password_hash: hash }: UserAttributes, cost: number): Promise<string | undefined> {
  if (password !== undefined && hash !== undefined) throw invalid("Only a password or a password hash should be provided");
  if (hash !== undefined) {
    if (!isPasswordHash(hash)) throw invalid("The password hash has to be one of bcrypt, argon2 or Firebase's scrypt");
    return hash;
  }
  return password ? hashPassword(password, cost) : undefined;
}

async function create(call: AuthCall, db: AuthTransaction, user: UserToCreate): Promise<LoadedUser> {
  const { email, phone, aud, providers } = user;
  if (email !== undefined && (await isEmailTaken(db, email, aud))) throw new AuthError(AUTH_ERRORS.emailExists);
  if (phone !== undefined && (await findUser(db, { phone, aud }))) throw new AuthError(AUTH_ERRORS.phoneExists, { message: "Phone number already registered by another user" });
  const row = await createUser(db, user);
  const identities: IdentityRow[] = [];
  for (const provider of providers) {
    const address = provider === "email" ? { email } : { phone };
    identities.push(await createIdentity(db, { userId: row.id, provider, providerId: row.id, data: { sub: row.id, ...address, email_verified: false, phone_verified: false } }));
  }
  await audit(call, db, { action: "user_signedup", actor: actorOf(call), traits: { user_id: row.id, user_email: row.email, user_phone: row.phone, provider: providers[0] } });
  return { row, identities, factors: [] };
}

const invalid = (message: string): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message });
