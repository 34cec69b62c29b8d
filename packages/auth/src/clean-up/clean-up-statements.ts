import type { AuthConfig } from "../config/auth-options.ts";

/** Rows at most that one statement takes: what a request beside it doesn't notice. */
const ROWS = 100;

/** Whoever holds a row just now keeps it until another time. */
const expired = (table: string, condition: string, key = "id"): string =>
  `delete from auth.${table} where ${key} in (select ${key} from auth.${table} where ${condition} limit ${ROWS} for update skip locked)`;

const olderThan = (seconds: number, since = "created_at"): string => `${since} < now() - interval '${seconds} seconds'`;
/** Of columns without a time zone, which hold UTC. */
const olderInUtc = (seconds: number, since: string): string => `${since} < now() at time zone 'utc' - interval '${seconds} seconds'`;

const DAY = 86_400;

/**
 * What deletes what nothing can be done with any more, a day after its end (GoTrue: internal/models/cleanup.go). Not
 * anonymous users, which own data.
 */
export function cleanUpStatements({ sessions, mailer, sms, oauthServer, auditLog }: AuthConfig): readonly string[] {
  const lastUse = "coalesce(refreshed_at, created_at at time zone 'utc')";
  return [
    expired("flow_state", olderThan(DAY + mailer.otpExp)),
    expired("one_time_tokens", olderInUtc(DAY + Math.max(mailer.otpExp, sms.otpExp), "created_at")),
    expired("oauth_client_states", olderThan(DAY)),
    expired("saml_relay_states", olderThan(DAY)),
    expired("mfa_challenges", olderThan(DAY)),
    expired("mfa_factors", `status = 'unverified' and ${olderThan(DAY)}`),
    expired("webauthn_challenges", olderThan(3_600, "expires_at")),
    expired("rate_limits", olderThan(DAY, "refilled_at"), "bucket"),
    expired("sessions", olderThan(DAY, "not_after")),
    ...(oauthServer.enabled ? [expired("oauth_authorizations", olderThan(DAY, "expires_at"))] : []),
    ...(sessions.timebox > 0 ? [expired("sessions", olderThan(DAY + sessions.timebox))] : []),
    ...(sessions.inactivityTimeout > 0 ? [expired("sessions", olderInUtc(DAY + sessions.inactivityTimeout, lastUse))] : []),
    ...(auditLog.retention > 0 ? [expired("audit_log_entries", olderThan(auditLog.retention))] : []),
  ];
}
