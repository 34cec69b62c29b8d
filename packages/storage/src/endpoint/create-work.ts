import type { Caller, Claims, Tenant } from "@plinth/core";
import { runQuery } from "./run-query.ts";
import type { StorageWork } from "./storage-call.ts";

/** Work that no request asks for. */
export function createWork(options: Pick<StorageWork, "tenant" | "storage" | "caller" | "operation" | "signal">): StorageWork {
  const work: StorageWork = { ...options, query: (actor, statements, query) => runQuery(work, actor, statements, query) };
  return work;
}

/** Whom host code vouches for. */
export function vouchedCaller(role: string, claims: Claims): Caller {
  const all = { ...claims, role };
  return { role, claims: all, claimsJson: JSON.stringify(all), authenticated: true };
}

export const serviceCaller = ({ project }: Pick<Tenant, "project">): Caller => vouchedCaller(project.roles.service, {});
