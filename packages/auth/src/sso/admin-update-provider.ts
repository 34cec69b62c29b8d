import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { isUniqueViolation } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { checkProvider, type GivenMetadata, metadataOf, providerSchema, type ProviderSettings } from "./provider-settings.ts";
import { setSsoDomains } from "./sso-domains.ts";
import { findSsoProvider, namedSsoProvider, providerResponse, type SsoProvider } from "./sso-provider.ts";

/** Changes what is given; but for `name_id_format`, which is taken away where it is left out, as in GoTrue. */
export const adminUpdateProvider = defineEndpoint({
  id: "auth.admin.sso-provider.update",
  method: "PUT",
  path: "/admin/sso/providers/:idpId",
  access: "admin",
  body: providerSchema,
  handle: async (call, body) => {
    checkProvider(body, "update");
    const metadata = await metadataOf(call, body);
    const updated = await call.db(async (db) => update(db, await namedSsoProvider(call, db), body, metadata)).catch(refuseClash);
    return json(providerResponse(updated));
  },
});

async function update(db: AuthTransaction, { row, saml }: SsoProvider, given: ProviderSettings, metadata: GivenMetadata | undefined): Promise<SsoProvider> {
  if (metadata !== undefined && metadata.identityProvider.entityId !== saml.entity_id) {
    throw new AuthError(AUTH_ERRORS.samlEntityIdMismatch, { status: 400, message: `SAML Metadata can be updated only if the EntityID matches for the provider; expected '${saml.entity_id}' but got '${metadata.identityProvider.entityId}'` });
  }
  const at = now();
  await db
    .updateTable("auth.sso_providers")
    .set({ updated_at: at, ...(typeof given.resource_id === "string" ? { resource_id: given.resource_id || null } : {}), ...(typeof given.disabled === "boolean" ? { disabled: given.disabled } : {}) })
    .where("id", "=", row.id)
    .execute();
  await db
    .updateTable("auth.saml_providers")
    .set({
      name_id_format: given.name_id_format ?? null,
      ...(metadata === undefined ? {} : { metadata_xml: metadata.xml, metadata_url: given.metadata_url ?? saml.metadata_url, updated_at: at }),
      ...(given.attribute_mapping?.keys === undefined ? {} : { attribute_mapping: JSON.stringify(given.attribute_mapping) }),
    })
    .where("sso_provider_id", "=", row.id)
    .execute();
  if (given.domains) await setSsoDomains(db, row.id, given.domains);
  return (await findSsoProvider(db, { id: row.id }))!;
}

function refuseClash(cause: unknown): never {
  if (isUniqueViolation(cause)) throw new AuthError(AUTH_ERRORS.conflict, { status: 422, message: "Updating SSO provider failed, likely due to a conflict. Try again?", cause });
  throw cause;
}
