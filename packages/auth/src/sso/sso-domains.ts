import { randomUUID } from "node:crypto";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { isUniqueViolation } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** Gives a provider these domains and no others. @throws BackendError sso_domain_already_exists where one is another's */
export async function setSsoDomains(db: AuthTransaction, providerId: string, given: readonly string[]): Promise<void> {
  const domains = [...new Set(given.map((domain) => domain.toLowerCase()))];
  let stale = db.deleteFrom("auth.sso_domains").where("sso_provider_id", "=", providerId);
  if (domains.length > 0) stale = stale.where("domain", "not in", domains);
  await stale.execute();
  const known = await db.selectFrom("auth.sso_domains").select("domain").where("sso_provider_id", "=", providerId).execute();
  const added = domains.filter((domain) => !known.some((one) => one.domain === domain));
  if (added.length === 0) return;
  const at = now();
  const insertion = db.insertInto("auth.sso_domains").values(added.map((domain) => ({ id: randomUUID(), sso_provider_id: providerId, domain, created_at: at, updated_at: at }))).execute();
  await insertion.catch((cause: unknown) => {
    if (isUniqueViolation(cause, "sso_domains_domain_idx")) throw new AuthError(AUTH_ERRORS.ssoDomainAlreadyExists, { status: 400, message: "SSO domain is already assigned to an SSO identity provider", cause });
    throw cause;
  });
}
