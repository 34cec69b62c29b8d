import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { fetchMetadata } from "./fetch-metadata.ts";
import { type IdentityProvider, readIdentityProvider } from "./identity-provider.ts";
import type { SsoProvider } from "./sso-provider.ts";

/** Milliseconds after which metadata are fetched once more. */
const FRESH = 24 * 3_600_000;
/** And after which it is tried again, where that failed. */
const RETRY = 300_000;

export interface KnownProvider {
  readonly provider: SsoProvider;
  readonly identityProvider: IdentityProvider;
}

/**
 * The provider with metadata that are not stale, where it has an address to get them from: its certificates change. Where
 * it can't be reached, what is known goes on holding.
 */
export async function refreshedProvider(call: AuthCall, provider: SsoProvider): Promise<KnownProvider> {
  const known = { provider, identityProvider: await readIdentityProvider(provider.saml.metadata_xml) };
  const { metadata_url: url } = provider.saml;
  if (!url || !isStale(known)) return known;
  try {
    const xml = await fetchMetadata(call, url);
    const identityProvider = await readIdentityProvider(xml);
    if (identityProvider.entityId !== provider.saml.entity_id) throw new Error(`${url} is of another entity: ${identityProvider.entityId}`);
    await store(call, provider, { metadata_xml: xml, updated_at: now() });
    return { provider: { ...provider, saml: { ...provider.saml, metadata_xml: xml } }, identityProvider };
  } catch (error) {
    call.auth.log("SAML metadata could not be fetched: those that are known go on holding.", { provider: provider.row.id, reason: error instanceof Error ? error.message : String(error) });
    await store(call, provider, { updated_at: new Date(Date.now() - FRESH + RETRY) });
    return known;
  }
}

function isStale({ provider, identityProvider }: KnownProvider): boolean {
  const readAt = provider.saml.read_at?.getTime() ?? 0;
  const isOver = identityProvider.validUntil !== undefined && identityProvider.validUntil < Date.now();
  return isOver ? Date.now() - readAt > RETRY : Date.now() - readAt > FRESH;
}

const store = ({ db }: AuthCall, { row }: SsoProvider, values: { readonly metadata_xml?: string; readonly updated_at: Date }): Promise<unknown> =>
  db((transaction) => transaction.updateTable("auth.saml_providers").set(values).where("sso_provider_id", "=", row.id).execute());
