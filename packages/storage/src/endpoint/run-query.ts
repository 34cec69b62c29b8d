import type { RawResult, Scope, Statement } from "@plinth/core";
import { databaseError } from "../database/database-error.ts";
import type { StorageWork } from "./storage-call.ts";
import type { Actor, QueryOptions } from "./storage-query.ts";

/** What a query needs to know of the work that it is a part of. */
export type QueryWork = Pick<StorageWork, "tenant" | "caller" | "operation" | "signal">;

/** @see StorageWork.query */
export async function runQuery(work: QueryWork, actor: Actor, statements: readonly Statement[], options: QueryOptions = {}): Promise<readonly RawResult[]> {
  try {
    return await work.tenant.execute(scopeOf(work, actor, options), statements, options.rollback ? "rollback" : "commit");
  } catch (error) {
    throw databaseError(error) ?? error;
  }
}

function scopeOf(work: QueryWork, actor: Actor, { readOnly = false, unstoppable = false }: QueryOptions): Scope {
  const { caller, tenant, operation } = work;
  const settings = [["storage.operation", operation]] as const;
  const signal = unstoppable ? undefined : work.signal;
  const more = { settings, ...(readOnly ? { readOnly } : {}), ...(signal === undefined ? {} : { signal }) };
  if (actor === "caller") return { role: caller.role, claims: caller.claims, claimsJson: caller.claimsJson, ...more };
  const { service } = tenant.project.roles;
  return { role: service, claims: { role: service }, ...more };
}
