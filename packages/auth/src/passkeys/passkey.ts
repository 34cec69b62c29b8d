import { isUuid } from "@plinth/core";
import type { Selectable } from "kysely";
import { AuthError } from "../auth-error.ts";
import type { AuthConfig } from "../config/auth-options.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { WebAuthnCredentialsTable } from "../database/auth-tables.ts";
import { timestamp } from "../database/now.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { Credential, Transport } from "../webauthn/credential.ts";

export type PasskeyRow = Readonly<Selectable<WebAuthnCredentialsTable>>;

/** A passkey as clients get it. */
export interface Passkey {
  readonly id: string;
  readonly friendly_name?: string | undefined;
  readonly created_at: string;
  readonly last_used_at?: string | undefined;
}

export const toPasskey = ({ id, friendly_name: name, created_at, last_used_at }: PasskeyRow): Passkey => ({
  id, friendly_name: name || undefined, created_at: timestamp(created_at)!, last_used_at: timestamp(last_used_at),
});

export const toCredential = (row: PasskeyRow): Credential & { readonly transports: readonly Transport[] } => ({
  id: new Uint8Array(row.credential_id),
  publicKey: new Uint8Array(row.public_key),
  signCount: Number(row.sign_count),
  backupEligible: row.backup_eligible,
  backedUp: row.backed_up,
  transports: row.transports as Transport[],
});

/** Eldest first. */
export const passkeysOf = (db: AuthTransaction, userId: string): Promise<readonly PasskeyRow[]> =>
  db.selectFrom("auth.webauthn_credentials").selectAll().where("user_id", "=", userId).orderBy("created_at").orderBy("id").execute();

/** Takes a user's passkey away. @throws BackendError where the user has no such passkey */
export async function deletePasskeyOf(db: AuthTransaction, userId: string, id: string): Promise<PasskeyRow> {
  const deleted = isUuid(id) ? await db.deleteFrom("auth.webauthn_credentials").where("id", "=", id).where("user_id", "=", userId).returningAll().executeTakeFirst() : undefined;
  if (deleted === undefined) throw passkeyNotFound();
  return deleted;
}

export const passkeyNotFound = (): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { status: 404, message: "Passkey not found" });

/** @throws BackendError passkey_disabled */
export function requirePasskeys({ passkey }: AuthConfig): void {
  if (!passkey.enabled) throw new AuthError(AUTH_ERRORS.passkeyDisabled, { message: "Passkeys are disabled" });
}

export const AAL_MESSAGE = "AAL2 session is required to manage passkeys when MFA is enabled";
