import type { OneTimeTokenType } from "../database/auth-tables.ts";
import type { UserRow } from "../users/user.ts";

/** What `/verify` takes for `type`; "email" stands for "signup" or "magiclink", whichever the token is for. */
export type VerificationKind = "signup" | "invite" | "recovery" | "magiclink" | "email_change" | "sms" | "phone_change";

interface Verification {
  readonly by: "email" | "phone";
  readonly tokens: readonly OneTimeTokenType[];
}

const VERIFICATIONS: Readonly<Record<VerificationKind | "email", Verification>> = {
  signup: { by: "email", tokens: ["confirmation_token"] },
  invite: { by: "email", tokens: ["confirmation_token"] },
  recovery: { by: "email", tokens: ["recovery_token"] },
  magiclink: { by: "email", tokens: ["recovery_token"] },
  email: { by: "email", tokens: ["confirmation_token", "recovery_token"] },
  email_change: { by: "email", tokens: ["email_change_token_new", "email_change_token_current"] },
  sms: { by: "phone", tokens: ["confirmation_token"] },
  phone_change: { by: "phone", tokens: ["phone_change_token"] },
};

export type VerificationType = keyof typeof VERIFICATIONS;

export const isVerificationType = (text: string): text is VerificationType => Object.hasOwn(VERIFICATIONS, text);

export const verificationOf = (type: VerificationType): Verification => VERIFICATIONS[type];

export const kindOf = (type: VerificationType, token: OneTimeTokenType): VerificationKind => (type !== "email" ? type : token === "confirmation_token" ? "signup" : "magiclink");

/** The addresses that a token of a user may have been sent to, as things are now: one for a former address is void. */
const ADDRESSES: Readonly<Record<OneTimeTokenType, Readonly<Record<Verification["by"], keyof UserRow & ("email" | "phone" | "email_change" | "phone_change")>>>> = {
  confirmation_token: { email: "email", phone: "phone" },
  recovery_token: { email: "email", phone: "phone" },
  reauthentication_token: { email: "email", phone: "phone" },
  email_change_token_new: { email: "email_change", phone: "email_change" },
  email_change_token_current: { email: "email", phone: "email" },
  phone_change_token: { email: "phone_change", phone: "phone_change" },
};

/** Where a token of this type is sent. */
export const addressFor = (row: UserRow, token: OneTimeTokenType, by: Verification["by"]): string | null => row[ADDRESSES[token][by]];
