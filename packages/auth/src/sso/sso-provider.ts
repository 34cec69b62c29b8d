import { isUuid } from "@plinth/core";
import type { Selectable } from "kysely";
import { jsonArrayFrom } from "kysely/helpers/postgres";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { SamlProvidersTable, SsoProvidersTable } from "../database/auth-tables.ts";
import { timestamp } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** A connection to an identity provider. */
export interface SsoProvider {
  readonly row: Readonly<Pick<Selectable<SsoProvidersTable>, "id" | "resource_id" | "disabled" | "created_at" | "updated_at">>;
  readonly saml: Readonly<Pick<Selectable<SamlProvidersTable>, "entity_id" | "metadata_xml" | "metadata_url" | "attribute_mapping" | "name_id_format">> & { /** When its metadata were last read. */ readonly read_at: Date | null };
  /** In lower case. */
  readonly domains: readonly string[];
}

/** Which one is meant. */
export type SsoProviderKey =
  | { readonly id: string }
  | { readonly resourceId: string }
  | { readonly domain: string }
  | { readonly entityId: string };

const providers = (db: AuthTransaction) =>
  db
    .selectFrom("auth.sso_providers as provider")
    .innerJoin("auth.saml_providers as saml", "saml.sso_provider_id", "provider.id")
    .select(["provider.id", "provider.resource_id", "provider.disabled", "provider.created_at", "provider.updated_at"])
    .select(["saml.entity_id", "saml.metadata_xml", "saml.metadata_url", "saml.attribute_mapping", "saml.name_id_format", "saml.updated_at as read_at"])
    .select((e) => jsonArrayFrom(e.selectFrom("auth.sso_domains as domain").select("domain.domain").whereRef("domain.sso_provider_id", "=", "provider.id").orderBy("domain.created_at").orderBy("domain.domain")).as("domains"));

type Found = Awaited<ReturnType<ReturnType<typeof providers>["executeTakeFirstOrThrow"]>>;

function toSsoProvider({ entity_id, metadata_xml, metadata_url, attribute_mapping, name_id_format, read_at, domains, ...row }: Found): SsoProvider {
  return { row, saml: { entity_id, metadata_xml, metadata_url, attribute_mapping, name_id_format, read_at }, domains: domains.map(({ domain }) => domain) };
}

export async function findSsoProvider(db: AuthTransaction, key: SsoProviderKey): Promise<SsoProvider | undefined> {
  const found = await matching(db, key).executeTakeFirst();
  return found === undefined ? undefined : toSsoProvider(found);
}

function matching(db: AuthTransaction, key: SsoProviderKey): ReturnType<typeof providers> {
  const all = providers(db);
  if ("id" in key) return all.where("provider.id", "=", key.id);
  if ("resourceId" in key) return all.where("provider.resource_id", "=", key.resourceId);
  if ("entityId" in key) return all.where("saml.entity_id", "=", key.entityId);
  return all.where((e) => e.exists(e.selectFrom("auth.sso_domains as named").select("named.id").whereRef("named.sso_provider_id", "=", "provider.id").where((of) => of(of.fn<string>("lower", ["named.domain"]), "=", key.domain.toLowerCase()))));
}

export interface ProviderFilter {
  readonly resourceId: string | null;
  readonly resourceIdPrefix: string | null;
}

export async function listSsoProviders(db: AuthTransaction, { resourceId, resourceIdPrefix }: ProviderFilter): Promise<readonly SsoProvider[]> {
  let query = providers(db).orderBy("provider.created_at").orderBy("provider.id");
  if (resourceId) query = query.where("provider.resource_id", "=", resourceId);
  else if (resourceIdPrefix) query = query.where((e) => e(e.fn<boolean>("starts_with", ["provider.resource_id", e.val(resourceIdPrefix)]), "=", true));
  return (await query.execute()).map(toSsoProvider);
}

const RESOURCE = "resource_";

/** The provider that a path of the admin's names: by its id, or `resource_<resource_id>`. @throws BackendError sso_provider_not_found */
export async function namedSsoProvider({ params }: Pick<AuthCall, "params">, db: AuthTransaction): Promise<SsoProvider> {
  const name = params["idpId"] ?? "";
  const key = name.startsWith(RESOURCE) ? { resourceId: name.slice(RESOURCE.length) } : isUuid(name) ? { id: name } : undefined;
  const provider = key === undefined ? undefined : await findSsoProvider(db, key);
  if (provider === undefined) throw new AuthError(AUTH_ERRORS.ssoProviderNotFound, { message: "SSO Identity Provider not found" });
  return provider;
}

/** @throws BackendError sso_provider_disabled */
export function requireEnabled({ row }: SsoProvider): void {
  if (row.disabled === true) throw new AuthError(AUTH_ERRORS.ssoProviderDisabled, { status: 404, message: "SSO Provider is currently disabled" });
}

/** As administrators get it. */
export const providerResponse = ({ row, saml, domains }: SsoProvider, { withMetadata }: { readonly withMetadata: boolean } = { withMetadata: true }): Readonly<Record<string, unknown>> => ({
  id: row.id,
  ...(row.resource_id === null ? {} : { resource_id: row.resource_id }),
  disabled: row.disabled ?? false,
  saml: {
    entity_id: saml.entity_id,
    ...(withMetadata ? { metadata_xml: saml.metadata_xml } : {}),
    ...(saml.metadata_url === null ? {} : { metadata_url: saml.metadata_url }),
    attribute_mapping: saml.attribute_mapping ?? {},
    ...(saml.name_id_format === null ? {} : { name_id_format: saml.name_id_format }),
  },
  domains: domains.map((domain) => ({ domain })),
  created_at: timestamp(row.created_at),
  updated_at: timestamp(row.updated_at),
});
