import { createHash } from "node:crypto";
import { reply } from "@plinth/core";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { NAME_ID_FORMATS } from "./provider-settings.ts";
import { requireSaml } from "./require-saml.ts";
import { serviceProvider } from "./service-provider.ts";
import { serviceProviderCertificate } from "./service-provider-certificate.ts";

const FIVE_YEARS = 5 * 365 * 24 * 3_600_000;

/** What identity providers need to know of the project (SAML 2.0 Metadata). `download=true`: as a file, with an end. */
export const samlMetadata = defineEndpoint({
  id: "auth.sso.saml.metadata",
  method: "GET",
  path: "/sso/saml/metadata",
  access: "public",
  requires: requireSaml,
  handle: async (call) => {
    const { entityId, acsUrl, privateKey } = await serviceProvider(call);
    const { generateServiceProviderMetadata } = await import("@node-saml/node-saml");
    const certificate = await serviceProviderCertificate(privateKey, new URL(acsUrl).hostname);
    const xml = generateServiceProviderMetadata({
      issuer: entityId,
      callbackUrl: acsUrl,
      identifierFormat: NAME_ID_FORMATS.persistent,
      wantAssertionsSigned: true,
      privateKey,
      publicCerts: certificate,
      signatureAlgorithm: "sha256",
      generateUniqueId: () => `_${createHash("sha256").update(entityId).digest("hex").slice(0, 32)}`,
      ...(call.config.saml.allowEncryptedAssertions ? { decryptionPvk: privateKey, decryptionCert: certificate } : {}),
    });
    const headers = { "content-type": "application/xml", "cache-control": "public, max-age=600" };
    if (call.query.get("download") !== "true") return reply(xml, { status: 200, headers });
    const until = new Date(Date.now() + FIVE_YEARS).toISOString();
    return reply(xml.replace("<EntityDescriptor ", `<EntityDescriptor validUntil="${until}" `), { status: 200, headers: { ...headers, "content-disposition": 'attachment; filename="metadata.xml"' } });
  },
});
