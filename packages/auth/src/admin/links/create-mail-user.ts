import { randomUUID } from "node:crypto";
import type { AuthTransaction } from "../../database/auth-database.ts";
import type { AuthCall } from "../../endpoint/auth-call.ts";
import { createIdentity } from "../../identities/create-identity.ts";
import { createUser, type NewUser } from "../../users/create-user.ts";
import type { LoadedUser, Metadata } from "../../users/user.ts";

/** A user to be made for an address, unconfirmed. */
export interface MailUser extends NewUser {
  readonly id: string;
  readonly email: string;
}

export const mailUser = ({ aud, config }: AuthCall, email: string, data: Metadata = {}, passwordHash?: string): MailUser => ({
  id: randomUUID(), aud, role: config.jwt.defaultGroupName, email, passwordHash, appMetadata: { provider: "email", providers: ["email"] }, userMetadata: data,
});

/** @throws BackendError email_exists where somebody was faster; database_raised */
export async function createMailUser(db: AuthTransaction, user: MailUser): Promise<LoadedUser> {
  const row = await createUser(db, user);
  const identity = await createIdentity(db, { userId: row.id, provider: "email", providerId: row.id, data: { sub: row.id, email: user.email, email_verified: false, phone_verified: false } });
  return { row, identities: [identity], factors: [] };
}
