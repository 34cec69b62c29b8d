import { AuthError } from "../../auth-error.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { loadProvider, requireCustomProviders, toCustomProvider } from "./custom-provider.ts";
import { isProviderType } from "./provider-attributes.ts";

/** The providers that administrators have added; `type=oidc` or `oauth2` for those of one kind. */
export const listCustomProviders = defineEndpoint({
  id: "auth.admin.custom-providers.list",
  method: "GET",
  path: "/admin/custom-providers",
  access: "admin",
  requires: requireCustomProviders,
  handle: async (call) => {
    const type = call.query.get("type") || undefined;
    if (type !== undefined && !isProviderType(type)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "type must be either 'oauth2' or 'oidc'" });
    const rows = await call.db((db) => {
      const all = db.selectFrom("auth.custom_oauth_providers").selectAll().orderBy("created_at", "desc").orderBy("id");
      return (type === undefined ? all : all.where("provider_type", "=", type)).execute();
    });
    return json({ providers: rows.map(toCustomProvider) });
  },
});

export const getCustomProvider = defineEndpoint({
  id: "auth.admin.custom-providers.get",
  method: "GET",
  path: "/admin/custom-providers/:identifier",
  access: "admin",
  requires: requireCustomProviders,
  handle: async (call) => json(toCustomProvider(await call.db((db) => loadProvider(call, db)))),
});
