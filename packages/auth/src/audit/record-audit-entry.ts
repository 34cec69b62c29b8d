import { randomUUID } from "node:crypto";
import type { AuthTransaction } from "../database/auth-database.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { UserRow } from "../users/user.ts";

/** What is noted in `auth.audit_log_entries`, with GoTrue's names (internal/models/audit_log_entry.go). */
export type AuditAction =
  | "login" | "logout" | "invite_accepted" | "user_signedup" | "user_invited" | "user_deleted" | "user_modified" | "user_recovery_requested"
  | "user_reauthenticate_requested" | "user_confirmation_requested" | "user_repeated_signup" | "user_updated_password" | "token_revoked" | "token_refreshed"
  | "generate_recovery_codes" | "factor_in_progress" | "factor_unenrolled" | "challenge_created" | "verification_attempted" | "factor_deleted"
  | "recovery_codes_deleted" | "factor_updated" | "mfa_code_login" | "identity_linked" | "identity_unlinked" | "passkey_created" | "passkey_updated" | "passkey_deleted" | "session_revoked";

type AuditKind = "account" | "team" | "token" | "user" | "factor" | "recovery_codes" | "passkey";

const KINDS: Readonly<Record<AuditAction, AuditKind>> = {
  login: "account", logout: "account", invite_accepted: "account", user_signedup: "team", user_invited: "team", user_deleted: "team",
  token_revoked: "token", token_refreshed: "token", user_modified: "user", user_recovery_requested: "user", user_confirmation_requested: "user",
  user_reauthenticate_requested: "user", user_repeated_signup: "user", user_updated_password: "user", generate_recovery_codes: "user", factor_in_progress: "factor",
  factor_unenrolled: "factor", challenge_created: "factor", verification_attempted: "factor", factor_deleted: "factor", factor_updated: "factor", mfa_code_login: "factor",
  recovery_codes_deleted: "recovery_codes", identity_linked: "user", identity_unlinked: "user", passkey_created: "passkey", passkey_updated: "passkey", passkey_deleted: "passkey", session_revoked: "token",
};

export interface AuditEntry {
  readonly action: AuditAction;
  /** Who did it; undefined for the service role. */
  readonly actor?: Pick<UserRow, "id" | "email" | "phone" | "is_sso_user" | "raw_user_meta_data"> | undefined;
  /** Nothing secret. */
  readonly traits?: Readonly<Record<string, unknown>> | undefined;
}

/** Notes who did what, in the transaction in which it was done. */
export async function audit({ ip }: Pick<AuthCall, "ip">, db: AuthTransaction, { action, actor, traits }: AuditEntry): Promise<void> {
  const payload = {
    ...(actor === undefined
      ? { actor_id: "00000000-0000-0000-0000-000000000000", actor_username: "service_role", actor_via_sso: false }
      : { actor_id: actor.id, actor_username: actor.email || actor.phone || "", actor_via_sso: actor.is_sso_user, ...nameOf(actor.raw_user_meta_data) }),
    action,
    log_type: KINDS[action],
    ...(traits === undefined ? {} : { traits }),
  };
  await db.insertInto("auth.audit_log_entries").values({ id: randomUUID(), payload: JSON.stringify(payload), created_at: now(), ip_address: ip ?? "", instance_id: "00000000-0000-0000-0000-000000000000" }).execute();
}

function nameOf(metadata: Readonly<Record<string, unknown>> | null): { readonly actor_name?: string } {
  const name = metadata?.["full_name"];
  return typeof name === "string" ? { actor_name: name } : {};
}
