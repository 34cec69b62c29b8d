import type { RequestContext } from "@plinth/core";
import { inAuth } from "../database/auth-database.ts";
import type { TenantAuth } from "../tenant-auth.ts";
import { Transactions } from "./after-commit.ts";
import type { AuthCall } from "./auth-call.ts";
import { baseUrlOf, requestedBase } from "./base-url.ts";
import { clientAddress } from "./client-address.ts";
import { isAdmin } from "./require-user.ts";

/** A call of the endpoint whose path has these parameters. */
export const createCall = (context: RequestContext, auth: TenantAuth) => (params: Readonly<Record<string, string>>): AuthCall => {
  const { tenant, request, requestId, caller } = context;
  const { config } = auth;
  let base: Promise<string> | undefined;
  const baseUrl = (): Promise<string> => (base ??= baseUrlOf(context, auth));
  const transactions = new Transactions({
    transact: (work) => inAuth(tenant, work, request.signal),
    transactUnheeded: (work) => inAuth(tenant, work),
    onUndoFailed: (error) => auth.log("What a failed mail or message leaves behind could not be taken back.", { error }),
  });
  return {
    tenant, auth, config, request, requestId, caller, params,
    query: new URLSearchParams(context.query),
    ip: clientAddress(request, config),
    userAgent: request.headers.get("user-agent") ?? undefined,
    aud: audienceOf(context, auth),
    signal: request.signal,
    db: (work) => transactions.run(work),
    afterCommit: (db, effect) => transactions.afterCommit(db, effect),
    baseUrl,
    issuer: async () => config.jwt.issuer ?? (await baseUrl().catch(() => requestedBase(request))),
    link: async (path, parameters = {}) => {
      const url = new URL((await baseUrl()) + path);
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      if (!auth.hasOwnUrl && !(await context.isReachedWithoutKey())) url.searchParams.set("apikey", await anonKey(context));
      return url.href;
    },
  };
};

function audienceOf({ request, caller, tenant }: RequestContext, { config }: TenantAuth): string {
  const asked = request.headers.get("x-jwt-aud");
  if (asked) return asked;
  const { aud } = caller.claims;
  const own = Array.isArray(aud) ? (aud as unknown[])[0] : aud;
  return typeof own === "string" && own !== "" && !isAdmin({ caller, config, tenant }) ? own : config.jwt.aud;
}

/** Names the project in an address, and opens nothing that is not open to everybody. */
const anonKey = async ({ tenant }: RequestContext): Promise<string> => tenant.secrets.anonKey ?? tenant.secrets.sign({ iss: "plinth", ref: tenant.ref, role: tenant.project.roles.anon, iat: Math.floor(tenant.project.createdAt.getTime() / 1_000) });
