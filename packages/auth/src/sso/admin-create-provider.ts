import { randomUUID } from "node:crypto";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { isUniqueViolation } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { checkProvider, type GivenMetadata, metadataOf, providerSchema, type ProviderSettings } from "./provider-settings.ts";
import { setSsoDomains } from "./sso-domains.ts";
import { findSsoProvider, providerResponse, type SsoProvider } from "./sso-provider.ts";

export const adminCreateProvider = defineEndpoint({
  id: "auth.admin.sso-provider.create",
  method: "POST",
  path: "/admin/sso/providers",
  access: "admin",
  body: providerSchema,
  handle: async (call, body) => {
    checkProvider(body, "create");
    const metadata = await metadataOf(call, body);
    const provider = await call.db((db) => create(db, body, metadata!)).catch((error: unknown) => refuseClash(error, metadata!));
    return json(providerResponse(provider), 201);
  },
});

async function create(db: AuthTransaction, given: ProviderSettings, { xml, identityProvider }: GivenMetadata): Promise<SsoProvider> {
  const at = now();
  const id = randomUUID();
  await db.insertInto("auth.sso_providers").values({ id, resource_id: given.resource_id || null, disabled: given.disabled ?? null, created_at: at, updated_at: at }).execute();
  await db
    .insertInto("auth.saml_providers")
    .values({
      id: randomUUID(), sso_provider_id: id, entity_id: identityProvider.entityId, metadata_xml: xml, metadata_url: given.metadata_url ?? null,
      attribute_mapping: JSON.stringify(given.attribute_mapping ?? {}), name_id_format: given.name_id_format ?? null, created_at: at, updated_at: at,
    })
    .execute();
  await setSsoDomains(db, id, given.domains ?? []);
  return (await findSsoProvider(db, { id }))!;
}

function refuseClash(cause: unknown, { identityProvider }: GivenMetadata): never {
  if (isUniqueViolation(cause, "sso_providers_resource_id_idx")) throw new AuthError(AUTH_ERRORS.validationFailed, { status: 422, message: "SSO Identity Provider with this resource_id already exists", cause });
  if (isUniqueViolation(cause)) throw new AuthError(AUTH_ERRORS.samlIdpAlreadyExists, { message: `SAML Identity Provider with this EntityID (${identityProvider.entityId}) already exists`, cause });
  throw cause;
}
