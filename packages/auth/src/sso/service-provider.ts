import type { SAML, SamlConfig } from "@node-saml/node-saml";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { IdentityProvider } from "./identity-provider.ts";
import { NAME_ID_FORMATS } from "./provider-settings.ts";
import { serviceProviderKey } from "./service-provider-key.ts";

/** The project as identity providers know it. */
export interface ServiceProvider {
  /** Also the audience of assertions. */
  readonly entityId: string;
  /** The assertion consumer service: where responses are posted. */
  readonly acsUrl: string;
  /** PKCS#8 in PEM. */
  readonly privateKey: string;
}

/** How far an identity provider's clock may differ, in milliseconds. */
export const CLOCK_SKEW = 60_000;

export async function serviceProvider(call: AuthCall): Promise<ServiceProvider> {
  return { ...(await addressesOf(call)), privateKey: await serviceProviderKey(call) };
}

/**
 * A project whose host alone doesn't name it is named in its addresses: in the one that is opened by a key, which may
 * change, and in the other, which has to stay as it is, by its ref.
 */
async function addressesOf(call: AuthCall): Promise<Pick<ServiceProvider, "entityId" | "acsUrl">> {
  const { externalUrl } = call.config.saml;
  if (externalUrl !== undefined) {
    const base = `${externalUrl.replace(/\/+$/, "")}/sso/saml`;
    return { entityId: `${base}/metadata`, acsUrl: `${base}/acs` };
  }
  const acsUrl = await call.link("/sso/saml/acs");
  const entityId = `${await call.baseUrl()}/sso/saml/metadata`;
  return { acsUrl, entityId: new URL(acsUrl).searchParams.has("apikey") ? `${entityId}?ref=${call.tenant.ref}` : entityId };
}

/** An address without the key that names the project in it. */
export function withoutKey(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  url.searchParams.delete("apikey");
  return url.href;
}

export interface Partner {
  readonly identityProvider: IdentityProvider;
  readonly nameIdFormat: string | null;
  /** Of the request that is made. */
  readonly requestId?: string;
}

/** node-saml for one exchange: what is ours and what is the identity provider's. Loaded when first needed. */
export async function createSaml({ config }: Pick<AuthCall, "config">, { entityId, acsUrl, privateKey }: ServiceProvider, { identityProvider, nameIdFormat, requestId }: Partner): Promise<SAML> {
  const { SAML: Saml } = await import("@node-saml/node-saml");
  const options: SamlConfig = {
    issuer: entityId,
    audience: entityId,
    callbackUrl: acsUrl,
    idpCert: [...identityProvider.certificates],
    idpIssuer: identityProvider.entityId,
    identifierFormat: nameIdFormat ?? NAME_ID_FORMATS.persistent,
    disableRequestedAuthnContext: true,
    privateKey,
    signatureAlgorithm: "sha256",
    digestAlgorithm: "sha256",
    // The response's signature or the assertion's: one of them there has to be, and nothing but what it covers is used.
    wantAuthnResponseSigned: false,
    wantAssertionsSigned: false,
    acceptedClockSkewMs: CLOCK_SKEW,
    ...(identityProvider.entryPoint === undefined ? {} : { entryPoint: identityProvider.entryPoint }),
    ...(requestId === undefined ? {} : { generateUniqueId: () => requestId }),
    ...(config.saml.allowEncryptedAssertions ? { decryptionPvk: privateKey } : {}),
  };
  return new Saml(options);
}
