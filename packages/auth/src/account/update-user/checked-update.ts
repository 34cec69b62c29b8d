import type { Metadata } from "../../users/user.ts";

/** What is to change of a user; an address that is the user's already is not in it. */
export interface CheckedUpdate {
  /** Normalized. */
  readonly email: string | undefined;
  /** Normalized. */
  readonly phone: string | undefined;
  /** "sms" or "whatsapp". */
  readonly channel: string;
  readonly password: string | undefined;
  readonly current_password: string | undefined;
  readonly nonce: string | undefined;
  readonly data: Metadata | undefined;
  readonly app_metadata: Metadata | undefined;
}
