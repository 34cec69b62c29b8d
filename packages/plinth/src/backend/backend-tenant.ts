import type { AuthService, TenantAuthApi } from "@plinth/auth";
import type { OpenTenant, Tenant, TenantRegistry } from "@plinth/core";

/** A project, as host code has it: its database, and what its services do in process. */
export interface BackendTenant extends Tenant {
  /** The project's users: who sends a request, and their administration. */
  readonly auth: TenantAuthApi;
}

/** Puts what services do in process beside the tenants, of which they know nothing themselves. Made once for each open one. */
export function createBackendTenants(tenants: TenantRegistry, auth: AuthService, defaultRef: string | undefined): (ref?: string) => Promise<BackendTenant> {
  const made = new WeakMap<OpenTenant, BackendTenant>();
  return async (ref = defaultRef ?? "") => {
    const open = await tenants.get(ref);
    let tenant = made.get(open);
    if (tenant === undefined) {
      tenant = backendTenant(open.tenant, auth.inProcess({ tenant: open.tenant, keys: open.keys, isDefault: open.tenant.ref === defaultRef }));
      made.set(open, tenant);
    }
    return tenant;
  };
}

function backendTenant(tenant: Tenant, auth: TenantAuthApi): BackendTenant {
  return {
    auth,
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
