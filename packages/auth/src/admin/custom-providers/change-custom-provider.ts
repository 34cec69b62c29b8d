import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json, noContent } from "../../endpoint/respond.ts";
import { columnsOf, discoveryColumns, loadProvider, requireCustomProviders, toCustomProvider } from "./custom-provider.ts";
import { discoverProvider } from "./discover-provider.ts";
import { checkAllowed, providerSchema } from "./provider-attributes.ts";

/** Changes what is named of a provider: everything but its kind and identifier. */
export const updateCustomProvider = defineEndpoint({
  id: "auth.admin.custom-providers.update",
  method: "PUT",
  path: "/admin/custom-providers/:identifier",
  access: "admin",
  body: providerSchema,
  requires: requireCustomProviders,
  handle: async (call, attributes) => {
    const { id, provider_type: type, issuer, discovery_url: url } = await call.db((db) => loadProvider(call, db));
    await checkAllowed(attributes, type, call.auth.outbound.reach);
    const isMoved = type === "oidc" && (attributes.issuer !== undefined || attributes.discovery_url !== undefined);
    const described = isMoved ? discoveryColumns(await discoverProvider(call, attributes.issuer ?? issuer ?? "", attributes.discovery_url ?? url ?? undefined)) : {};
    const columns = { ...(await columnsOf(call, type, attributes)), ...described };
    const row = await call.db((db) => db.updateTable("auth.custom_oauth_providers").set(columns).where("id", "=", id).returningAll().executeTakeFirst());
    return json(toCustomProvider(row ?? (await call.db((db) => loadProvider(call, db)))));
  },
});

export const deleteCustomProvider = defineEndpoint({
  id: "auth.admin.custom-providers.delete",
  method: "DELETE",
  path: "/admin/custom-providers/:identifier",
  access: "admin",
  requires: requireCustomProviders,
  handle: async (call) => {
    await call.db(async (db) => {
      const { id } = await loadProvider(call, db);
      await db.deleteFrom("auth.custom_oauth_providers").where("id", "=", id).execute();
    });
    return noContent();
  },
});
