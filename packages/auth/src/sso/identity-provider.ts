import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { attribute, children, parseXml, rootOf, textOf, timeOf, withoutComments, type XmlNode } from "./xml.ts";

/** What an identity provider's metadata says of it (SAML 2.0 Metadata, 2.4.3). */
export interface IdentityProvider {
  readonly entityId: string;
  /** By which its signatures are verified: base64 of DER. */
  readonly certificates: readonly string[];
  /** Where browsers are sent with a request (HTTP-Redirect). Undefined: it begins itself. */
  readonly entryPoint: string | undefined;
  /** Milliseconds since 1970. */
  readonly validUntil: number | undefined;
}

const REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const LONGEST_ENTITY_ID = 1_024;

/** @throws BackendError validation_failed naming what it lacks */
export async function readIdentityProvider(metadataXml: string): Promise<IdentityProvider> {
  const document = await parseXml(withoutComments(metadataXml), "SAML Metadata XML");
  const entity = entityOf(document);
  const entityId = attribute(entity, "entityID") ?? "";
  if (entity === undefined || entityId === "") throw lacking("SAML Metadata does not contain an EntityID");
  if (entityId.length > LONGEST_ENTITY_ID) throw lacking("SAML Metadata contains an EntityID of more than 1024 characters");
  const descriptors = children(entity, "IDPSSODescriptor");
  const [descriptor] = descriptors;
  if (descriptor === undefined) throw lacking("SAML Metadata does not contain any IDPSSODescriptor");
  if (descriptors.length > 1) throw lacking("SAML Metadata contains multiple IDPSSODescriptors");
  const certificates = certificatesOf(descriptor);
  if (certificates.length === 0) throw lacking("SAML Metadata does not contain a signing certificate");
  return { entityId, certificates, entryPoint: entryPointOf(descriptor), validUntil: timeOf(attribute(entity, "validUntil")) };
}

/** The document's only entity, or the first of several that is an identity provider. */
function entityOf(document: XmlNode): XmlNode | undefined {
  const several = rootOf(document, "EntitiesDescriptor");
  return rootOf(document, "EntityDescriptor") ?? children(several, "EntityDescriptor").find((entity) => children(entity, "IDPSSODescriptor").length > 0);
}

/** A key without `use` is for both. */
function certificatesOf(descriptor: XmlNode): readonly string[] {
  return children(descriptor, "KeyDescriptor")
    .filter((key) => (attribute(key, "use") ?? "signing") === "signing")
    .flatMap((key) => children(key, "KeyInfo"))
    .flatMap((info) => children(info, "X509Data"))
    .flatMap((data) => children(data, "X509Certificate"))
    .map((certificate) => textOf(certificate).replaceAll(/\s/g, ""))
    .filter((certificate) => /^[A-Za-z0-9+/]+=*$/.test(certificate));
}

function entryPointOf(descriptor: XmlNode): string | undefined {
  const location = attribute(children(descriptor, "SingleSignOnService").find((service) => attribute(service, "Binding") === REDIRECT), "Location");
  if (location === undefined) return undefined;
  if (!URL.canParse(location) || !/^https?:$/.test(new URL(location).protocol)) throw lacking("SAML Metadata contains a SingleSignOnService whose Location is no web address");
  return location;
}

const lacking = (message: string): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message });
