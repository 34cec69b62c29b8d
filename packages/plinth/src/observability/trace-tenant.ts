import type { Tenant } from "@plinth/core";

export type InSpan = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** The tenant, its transactions each in a span. What a service keeps for the tenant is the tenant's own. */
export function traceTenant(tenant: Tenant, inSpan: InSpan): Tenant {
  return {
    ref: tenant.ref,
    project: tenant.project,
    sharesRoles: tenant.sharesRoles,
    secrets: tenant.secrets,
    transaction: (scope, work) => inSpan("transaction", () => tenant.transaction(scope, work)),
    execute: (scope, statements, ending, checkpoint) => inSpan("execute", () => tenant.execute(scope, statements, ending, checkpoint)),
    catalog: (statement) => inSpan("catalog", () => tenant.catalog(statement)),
    listen: (channel, listener, onReconnect) => tenant.listen(channel, listener, onReconnect),
    flushNotifications: () => tenant.flushNotifications(),
    watch: (channel, listener) => tenant.watch(channel, listener),
    state: (key) => tenant.state(key),
  };
}
