import { AuthError } from "../auth-error.ts";
import { executeInAuth, type AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { RateLimitName } from "../endpoint/endpoint.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { addressGroup } from "./address-group.ts";
import { type RateBucket, takeQuery, takeStatement } from "./rate-bucket.ts";

type Allowance = RateLimitName | "emailSent" | "smsSent";

/** Seconds in which an allowance is there once more: GoTrue's, by what is asked for (internal/api/apilimiter). */
const PERIODS: Readonly<Partial<Record<Allowance, number>>> = { anonymousUsers: 3_600, emailSent: 3_600, smsSent: 3_600, mfa: 60 };
const USUAL_PERIOD = 300;

/** Of an allowance no more than this is ever there at once, but for those of an hour. */
const USUAL_BURST = 30;

/**
 * Takes one from an allowance of the caller's address. The counts are in the project's database, so that all processes
 * count together; an address that isn't known (a call in process) is not limited.
 *
 * @param what is counted by itself: an endpoint. Default: all that takes from the allowance
 * @throws BackendError over_request_rate_limit with Retry-After
 */
export async function limitRate(call: AuthCall, name: RateLimitName, what: string = name): Promise<void> {
  if (call.ip !== undefined) await take(call, name, `${what} ${addressGroup(call.ip)}`, AUTH_ERRORS.overRequestRateLimit);
}

/**
 * Takes one from an allowance of something other than an address: of a factor that is guessed at from many of them, say.
 * @throws BackendError over_request_rate_limit with Retry-After
 */
export const limitAttempts = (call: AuthCall, name: RateLimitName, subject: string): Promise<void> => take(call, name, `${name} ${subject}`, AUTH_ERRORS.overRequestRateLimit);

/**
 * Takes one from what the whole project may send in an hour.
 * @param db the transaction that decides whether something is sent; else one of its own
 * @throws BackendError over_email_send_rate_limit, over_sms_send_rate_limit
 */
export const limitSending = (call: AuthCall, kind: "emailSent" | "smsSent", db?: AuthTransaction): Promise<void> =>
  take(call, kind, kind, kind === "emailSent" ? AUTH_ERRORS.overEmailSendRateLimit : AUTH_ERRORS.overSmsSendRateLimit, db);

async function take(call: AuthCall, name: Allowance, key: string, refusal: ConstructorParameters<typeof AuthError>[0], db?: AuthTransaction): Promise<void> {
  const most = call.config.rateLimit[name];
  if (most === 0) return;
  const period = PERIODS[name] ?? USUAL_PERIOD;
  const wait = await secondsToWait(call, { key, size: period === 3_600 ? most : Math.min(most, USUAL_BURST), perSecond: most / period }, db);
  if (wait > 0) throw new AuthError(refusal, { headers: { "Retry-After": String(wait) } });
}

async function secondsToWait(call: AuthCall, bucket: RateBucket, db: AuthTransaction | undefined): Promise<number> {
  if (db !== undefined) return (await takeQuery(bucket).execute(db)).rows[0]?.wait ?? 0;
  const { rows } = await executeInAuth(call.tenant, takeStatement(bucket), call.signal);
  return Number(rows[0]?.[0] ?? 0);
}
