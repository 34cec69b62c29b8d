import { AuthError } from "../../auth-error.ts";
import { isUniqueViolation } from "../../database/database-errors.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { columnsOf, discoveryColumns, requireCustomProviders, toCustomProvider } from "./custom-provider.ts";
import { discoverProvider } from "./discover-provider.ts";
import { checkAllowed, checkComplete, providerSchema } from "./provider-attributes.ts";

/** Adds a provider; one of OpenID Connect is asked for its description first. */
export const createCustomProvider = defineEndpoint({
  id: "auth.admin.custom-providers.create",
  method: "POST",
  path: "/admin/custom-providers",
  access: "admin",
  body: providerSchema,
  requires: requireCustomProviders,
  handle: async (call, attributes) => {
    const type = checkComplete(attributes);
    await checkAllowed(attributes, type, call.auth.outbound.reach);
    const identifier = attributes.identifier!;
    const columns = {
      ...(await columnsOf(call, type, { ...attributes, scopes: attributes.scopes ?? [] })),
      ...(type === "oidc" ? discoveryColumns(await discoverProvider(call, attributes.issuer!, attributes.discovery_url)) : {}),
      provider_type: type, identifier, name: attributes.name!, client_id: attributes.client_id!,
    };
    const row = await call.db(async (db) => {
      const { maxProviders } = call.config.customOauth;
      const { count } = await db.selectFrom("auth.custom_oauth_providers").select((e) => e.fn.countAll<string>().as("count")).executeTakeFirstOrThrow();
      if (maxProviders > 0 && Number(count) >= maxProviders) throw new AuthError(AUTH_ERRORS.overCustomProviderQuota);
      const { client_secret: secret, ...others } = columns;
      return db.insertInto("auth.custom_oauth_providers").values({ ...others, client_secret: secret! }).returningAll().executeTakeFirstOrThrow();
    }).catch((error: unknown) => {
      if (isUniqueViolation(error, "custom_oauth_providers_identifier_key")) throw new AuthError(AUTH_ERRORS.conflict, { status: 400, message: "A custom OAuth provider with this identifier already exists", cause: error });
      throw error;
    });
    return json(toCustomProvider(row), 201);
  },
});
