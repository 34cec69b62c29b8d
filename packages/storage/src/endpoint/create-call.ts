import type { Caller, RawResult, RequestContext, Scope, Statement, Tenant } from "@plinth/core";
import { databaseError } from "../database/database-error.ts";
import type { TenantStorage } from "../tenant-storage.ts";
import type { Actor, QueryOptions, StorageCall } from "./storage-call.ts";

/** What a call is made for. */
export interface CallOptions {
  readonly storage: TenantStorage;
  readonly operation: string;
  readonly params: Readonly<Record<string, string>>;
  /** Default: whom the request comes from. */
  readonly caller?: Caller;
}

export function createCall(context: RequestContext, { storage, operation, params, caller = context.caller }: CallOptions): StorageCall {
  const { request, tenant } = context;
  let search: URLSearchParams | undefined;
  const call: StorageCall = {
    request,
    context,
    params,
    caller,
    storage,
    operation,
    get search() {
      return (search ??= new URLSearchParams(context.query));
    },
    get signal() {
      return request.signal;
    },
    query: (actor, statements, options) => run(tenant, scopeOf(call, actor, options), statements, options),
  };
  return call;
}

function scopeOf(call: StorageCall, actor: Actor, { readOnly = false, unstoppable = false }: QueryOptions = {}): Scope {
  const { caller, context, operation, request } = call;
  const settings = [["storage.operation", operation]] as const;
  const more = { settings, ...(readOnly ? { readOnly } : {}), ...(unstoppable ? {} : { signal: request.signal }) };
  if (actor === "caller") return { role: caller.role, claims: caller.claims, claimsJson: caller.claimsJson, ...more };
  const { service } = context.tenant.project.roles;
  return { role: service, claims: { role: service }, ...more };
}

async function run(tenant: Tenant, scope: Scope, statements: readonly Statement[], { rollback = false }: QueryOptions = {}): Promise<readonly RawResult[]> {
  try {
    return await tenant.execute(scope, statements, rollback ? "rollback" : "commit");
  } catch (error) {
    throw databaseError(error) ?? error;
  }
}
