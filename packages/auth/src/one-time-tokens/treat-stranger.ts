import type { AuthCall } from "../endpoint/auth-call.ts";
import { takeQuery } from "../protection/rate-bucket.ts";
import { type TokenRequest, tooSoon } from "./request-tokens.ts";

export interface Stranger {
  /** What is asked for: "recovery". */
  readonly what: string;
  /** E-mail address or phone number. */
  readonly address: string;
  /** As of `requestTokens`. */
  readonly maxFrequency: number;
  readonly tooEarly: TokenRequest["tooEarly"];
}

/**
 * What is asked for an address that nothing is sent to is refused as early, and takes as long, as for one that gets a mail:
 * nobody learns which addresses are registered. Of the address only a digest is kept.
 * @throws BackendError over_email_send_rate_limit, over_sms_send_rate_limit
 */
export async function treatStranger(call: AuthCall, { what, address, maxFrequency, tooEarly }: Stranger): Promise<void> {
  if (maxFrequency > 0) {
    const key = `stranger ${await call.tenant.secrets.digest(JSON.stringify([what, address]), "auth.stranger")}`;
    const { rows } = await call.db((db) => takeQuery({ key, size: 1, perSecond: 1 / maxFrequency }).execute(db));
    const wait = rows[0]?.wait ?? 0;
    if (wait > 0) throw tooSoon(wait, tooEarly);
  }
  await call.auth.mailer.pretend();
}
