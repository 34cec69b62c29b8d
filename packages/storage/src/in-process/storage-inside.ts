import type { ObjectStore, Tenant, TenantStateKey } from "@plinth/core";
import { createWork, serviceCaller } from "../endpoint/create-work.ts";
import type { StorageWork } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import type { SweepReport } from "../sweep/sweep-report.ts";
import { type SweepOptions, sweepStorage } from "../sweep/sweep-storage.ts";
import { prefixOf, type TenantStorage } from "../tenant-storage.ts";
import { OPERATIONS } from "./operations.ts";

/** What host code does through the service without a request. */
export interface StorageInside {
  readonly operations: typeof OPERATIONS;
  /** @throws StorageError FeatureNotEnabled where Storage is switched off for the project */
  work(tenant: Tenant, options: Pick<StorageWork, "caller" | "operation" | "signal">): StorageWork;
  sweep(tenant: Tenant, options: SweepOptions): Promise<SweepReport>;
  /** Whether there is anything of a project in the store. */
  hasBytes(project: { readonly uid: string }): Promise<boolean>;
  /** What processes that died have left in the store, of whichever project. @returns how many */
  removeLeftovers(before: Date): Promise<number>;
}

export function storageInside(store: ObjectStore, stateKey: TenantStateKey<TenantStorage>): StorageInside {
  return {
    operations: OPERATIONS,
    work: (tenant, options) => {
      const storage = tenant.state(stateKey);
      if (!storage.config.enabled) throw new StorageError(STORAGE_ERRORS.featureNotEnabled, { message: "Storage is switched off for this project" });
      return createWork({ tenant, storage, ...options });
    },
    sweep: (tenant, options) => sweepStorage(createWork({ tenant, storage: tenant.state(stateKey), caller: serviceCaller(tenant), operation: "storage.sweep", signal: options.signal }), options),
    hasBytes: async (project) => (await hasAny(store.list(prefixOf(project)))) || hasAny(store.listUploads(prefixOf(project))),
    removeLeftovers: async (before) => (await store.removeLeftovers?.(before)) ?? 0,
  };
}

async function hasAny(items: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of items) return true;
  return false;
}
