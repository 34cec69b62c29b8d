import { audit } from "../../audit/record-audit-entry.ts";
import { AuthError } from "../../auth-error.ts";
import type { AuthTransaction } from "../../database/auth-database.ts";
import type { OneTimeTokenType } from "../../database/auth-tables.ts";
import { saved } from "../../database/database-errors.ts";
import { now } from "../../database/now.ts";
import type { AuthCall } from "../../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import type { MailKind } from "../../mail/default-mails.ts";
import { createOneTimeToken, type OneTimeToken } from "../../one-time-tokens/one-time-token.ts";
import { isEmailTaken } from "../../users/is-email-taken.ts";
import { mergeMetadata } from "../../users/merge-metadata.ts";
import { isEmailConfirmed, type LoadedUser, type Metadata } from "../../users/user.ts";
import { actorOf } from "../actor-of.ts";

export type LinkType = "signup" | "invite" | "magiclink" | "recovery" | "email_change_current" | "email_change_new";

/** What is asked for, checked. */
export interface LinkRequest {
  readonly user: LoadedUser;
  /** The address to change to. */
  readonly newEmail: string | undefined;
  readonly data: Metadata | undefined;
}

/** The user as it is now, and what the link is made of. */
export interface LinkToken {
  readonly user: LoadedUser;
  readonly token: OneTimeToken;
}

type MakeToken = (call: AuthCall, db: AuthTransaction, request: LinkRequest) => Promise<LinkToken>;

interface LinkKind {
  /** What `/verify` calls it. */
  readonly verify: "signup" | "invite" | "magiclink" | "recovery" | "email_change";
  /** The mail that has such a link, whose path it takes. */
  readonly mail: MailKind;
  /** Whether a user is made for an address that nobody has. */
  readonly createsUser: boolean;
  readonly make: MakeToken;
}

const recover: MakeToken = async (call, db, { user }) => {
  await audit(call, db, { action: "user_recovery_requested", actor: user.row });
  return issue(call, db, user, { type: "recovery_token", address: user.row.email ?? "", columns: { recovery_sent_at: now() } });
};

const invite: MakeToken = async (call, db, { user }) => {
  refuseConfirmed(user);
  await audit(call, db, { action: "user_invited", actor: actorOf(call), traits: { user_id: user.row.id, user_email: user.row.email } });
  return issue(call, db, user, { type: "confirmation_token", address: user.row.email ?? "", columns: { confirmation_sent_at: now(), invited_at: now() } });
};

const signUp: MakeToken = async (call, db, { user, data }) => {
  refuseConfirmed(user);
  const metadata = JSON.stringify(mergeMetadata(user.row.raw_user_meta_data, data));
  return issue(call, db, user, { type: "confirmation_token", address: user.row.email ?? "", columns: { confirmation_sent_at: now(), raw_user_meta_data: metadata } });
};

const changeEmail = (half: "current" | "new"): MakeToken => async (call, db, { user, newEmail }) => {
  if (half === "current" && !call.config.mailer.secureEmailChangeEnabled) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Enable secure email change to generate link for current email" });
  if (newEmail === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "An email address is required" });
  if (newEmail === user.row.email || (await isEmailTaken(db, newEmail, user.row.aud ?? call.aud, user.row.id))) throw new AuthError(AUTH_ERRORS.emailExists);
  const address = half === "current" ? (user.row.email ?? "") : newEmail;
  return issue(call, db, user, { type: `email_change_token_${half}`, address, columns: { email_change: newEmail, email_change_sent_at: now(), email_change_confirm_status: 0 } });
};

export const LINK_KINDS: Readonly<Record<LinkType, LinkKind>> = {
  signup: { verify: "signup", mail: "confirmation", createsUser: true, make: signUp },
  invite: { verify: "invite", mail: "invite", createsUser: true, make: invite },
  magiclink: { verify: "magiclink", mail: "magicLink", createsUser: false, make: recover },
  recovery: { verify: "recovery", mail: "recovery", createsUser: false, make: recover },
  email_change_current: { verify: "email_change", mail: "emailChange", createsUser: false, make: changeEmail("current") },
  email_change_new: { verify: "email_change", mail: "emailChange", createsUser: false, make: changeEmail("new") },
};

function refuseConfirmed({ row }: LoadedUser): void {
  if (isEmailConfirmed(row)) throw new AuthError(AUTH_ERRORS.emailExists);
}

interface Issue {
  readonly type: OneTimeTokenType;
  readonly address: string;
  /** What is noted of it in `auth.users`. */
  readonly columns: object;
}

async function issue(call: AuthCall, db: AuthTransaction, user: LoadedUser, { type, address, columns }: Issue): Promise<LinkToken> {
  const token = await createOneTimeToken(call, db, { userId: user.row.id, type, address, length: call.config.mailer.otpLength });
  const row = await saved("Database error updating user", db.updateTable("auth.users").set({ ...columns, updated_at: now() }).where("id", "=", user.row.id).returningAll().executeTakeFirstOrThrow());
  return { user: { ...user, row }, token };
}
