import { sql } from "kysely";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { RateLimitName } from "../endpoint/endpoint.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** Seconds in which an allowance is there once more: GoTrue's, by what is asked for. */
const PERIODS: Readonly<Partial<Record<RateLimitName | "emailSent" | "smsSent", number>>> = { anonymousUsers: 3_600, emailSent: 3_600, smsSent: 3_600, mfa: 60 };
const USUAL_PERIOD = 300;

/**
 * Takes one from an allowance of the caller's address. The counts are in the project's database, so that all processes
 * count together; an address that isn't known (a call in process) is not limited.
 *
 * @throws BackendError over_request_rate_limit with Retry-After
 */
export async function limitRate(call: AuthCall, name: RateLimitName): Promise<void> {
  if (call.ip === undefined) return;
  await take(call, name, `${name} ${call.ip}`, AUTH_ERRORS.overRequestRateLimit);
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

async function take(call: AuthCall, name: RateLimitName | "emailSent" | "smsSent", bucket: string, refusal: ConstructorParameters<typeof AuthError>[0], db?: AuthTransaction): Promise<void> {
  const most = call.config.rateLimit[name];
  if (most === 0) return;
  const perSecond = most / (PERIODS[name] ?? USUAL_PERIOD);
  // Token bucket: it is full at first, and refilled evenly.
  const count = (transaction: AuthTransaction) => sql`
    insert into auth.rate_limits as given (bucket, tokens, refilled_at) values (${bucket}, ${most - 1}, clock_timestamp())
    on conflict (bucket) do update
      set tokens = least(${most}::float8, given.tokens + ${perSecond}::float8 * extract(epoch from clock_timestamp() - given.refilled_at)) - 1, refilled_at = clock_timestamp()
      where least(${most}::float8, given.tokens + ${perSecond}::float8 * extract(epoch from clock_timestamp() - given.refilled_at)) >= 1
    returning 1`.execute(transaction);
  const taken = await (db === undefined ? call.db(count) : count(db));
  if (taken.rows.length === 0) throw new AuthError(refusal, { headers: { "Retry-After": String(Math.max(1, Math.ceil(1 / perSecond))) } });
}
