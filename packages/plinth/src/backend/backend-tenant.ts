import type { AssetsService, TenantAssets } from "@plinth/assets";
import type { AuthService, TenantAuthApi } from "@plinth/auth";
import type { StorageService, TenantStorageApi } from "@plinth/storage";
import type { OpenTenant, Tenant, TenantRegistry } from "@plinth/core";

/** A project, as host code has it: its database, and what its services do in process. */
export interface BackendTenant extends Tenant {
  /** The project's users: who sends a request, and their administration. */
  readonly auth: TenantAuthApi;
  /**
   * Its files, as the service role; `storage.as({ claims })` under a user's policies.
   * @example
   * await tenant.storage.from("avatars").upload(`${user.id}.png`, request.body, { contentType: "image/png", upsert: true });
   */
  readonly storage: TenantStorageApi;
  /**
   * Its site.
   * @example
   * await tenant.assets.publish({ folder: "dist" }, { label: "v1.2.0" });
   */
  readonly assets: TenantAssets;
}

/** What does something in process. */
export interface InProcessServices {
  readonly auth: AuthService;
  readonly storage: StorageService;
  readonly assets: AssetsService;
}

export interface BackendTenantsOptions {
  readonly defaultRef: string | undefined;
  readonly basePath: string;
}

/** Puts what services do in process beside the tenants, of which they know nothing themselves. Made once for each open one. */
export function createBackendTenants(tenants: TenantRegistry, { auth, storage, assets }: InProcessServices, { defaultRef, basePath }: BackendTenantsOptions): (ref?: string) => Promise<BackendTenant> {
  const made = new WeakMap<OpenTenant, BackendTenant>();
  return async (ref = defaultRef ?? "") => {
    const open = await tenants.get(ref);
    let tenant = made.get(open);
    if (tenant === undefined) {
      tenant = backendTenant(open.tenant, {
        auth: auth.inProcess({ tenant: open.tenant, keys: open.keys, isDefault: open.tenant.ref === defaultRef }),
        storage: storage.inProcess(open.tenant, basePath),
        assets: assets.inProcess(open.tenant),
      });
      made.set(open, tenant);
    }
    return tenant;
  };
}

function backendTenant(tenant: Tenant, services: Pick<BackendTenant, "auth" | "storage" | "assets">): BackendTenant {
  return {
    ...services,
    ref: tenant.ref,
    project: tenant.project,
    sharesRoles: tenant.sharesRoles,
    secrets: tenant.secrets,
    transaction: (scope, work) => tenant.transaction(scope, work),
    execute: (scope, statements, ending, checkpoint) => tenant.execute(scope, statements, ending, checkpoint),
    catalog: (statement) => tenant.catalog(statement),
    listen: (channel, listener, onReconnect) => tenant.listen(channel, listener, onReconnect),
    flushNotifications: () => tenant.flushNotifications(),
    watch: (channel, listener) => tenant.watch(channel, listener),
    state: (key) => tenant.state(key),
  };
}
