import { executeInAuth } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { FactorRow, IdentityRow, LoadedUser, UserRow } from "../users/user.ts";
import type { AmrClaimRow, LoadedSession, SessionRow } from "./session.ts";

/** Whom a token is of. */
export interface LoadedCaller {
  readonly user: LoadedUser | undefined;
  /** Undefined also where it isn't there any more. */
  readonly session: LoadedSession | undefined;
}

const SQL = `
select to_jsonb(u),
  (select coalesce(jsonb_agg(to_jsonb(i) order by i.created_at, i.id), '[]') from auth.identities i where i.user_id = u.id),
  (select coalesce(jsonb_agg(to_jsonb(f) order by f.created_at, f.id), '[]') from auth.mfa_factors f where f.user_id = u.id),
  (select to_jsonb(s) from auth.sessions s where s.id = $2::uuid),
  (select coalesce(jsonb_agg(to_jsonb(c) order by c.updated_at desc, c.id), '[]') from auth.mfa_amr_claims c where c.session_id = $2::uuid)
from auth.users u where u.id = $1::uuid`;

/** The user with the session, in one round trip: this comes before whatever a signed-in user asks for. */
export async function loadCaller({ tenant, signal }: Pick<AuthCall, "tenant"> & Partial<Pick<AuthCall, "signal">>, userId: string, sessionId: string | undefined): Promise<LoadedCaller> {
  const { rows } = await executeInAuth(tenant, { sql: SQL, parameters: [userId, sessionId ?? null] }, signal);
  const [user, identities, factors, session, claims] = (rows[0] ?? []).map((text) => (text === null ? null : (JSON.parse(text) as unknown)));
  if (!user) return { user: undefined, session: undefined };
  return {
    user: { row: withDates(user as Json<UserRow>), identities: identities as readonly IdentityRow[], factors: factors as readonly FactorRow[] },
    session: session ? { row: toSession(session as Json<SessionRow>), claims: (claims as ReadonlyArray<Json<AmrClaimRow>>).map((claim) => withDates<AmrClaimRow>(claim)) } : undefined,
  };
}

/** A row as JSON has it: times are texts. */
type Json<T> = { readonly [K in keyof T]: unknown };

/** bigint is text in a row, and `refreshed_at`, which has no time zone, is read as if it were of the machine's: as pg does. */
const toSession = (row: Json<SessionRow>): SessionRow => withDates<SessionRow>({ ...row, refresh_token_counter: row.refresh_token_counter === null ? null : String(row.refresh_token_counter) });

/** Times are in columns that say so. */
function withDates<T>(row: Json<T>): T {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === "string" && /_(at|until|after)$/.test(name) ? new Date(value) : value])) as T;
}
