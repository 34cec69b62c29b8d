import { createVerify, generateKeyPair, randomUUID, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { inflateRawSync } from "node:zlib";
import { SignedXml } from "xml-crypto";
import { encrypt } from "xml-encryption";
import { serviceProviderCertificate } from "../../../packages/auth/src/sso/service-provider-certificate.ts";

/** What a service provider asks for, once its signature is verified. */
export interface AuthnRequest {
  readonly id: string;
  readonly issuer: string;
  readonly acsUrl: string;
  readonly relayState: string;
  readonly nameIdFormat: string;
}

export interface ResponseOptions {
  /** Default: of the request. */
  readonly issuer?: string;
  readonly audience: string;
  readonly recipient: string;
  /** Default: the recipient. "": none. */
  readonly destination?: string;
  /** Undefined: unsolicited. */
  readonly inResponseTo?: string | undefined;
  readonly nameId?: string;
  readonly nameIdFormat?: string;
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  /** Seconds from now. */
  readonly notBefore?: number;
  readonly notOnOrAfter?: number;
  readonly sessionNotOnOrAfter?: number;
  readonly sign?: "assertion" | "response" | "both" | "none";
  readonly algorithms?: "sha256" | "sha1";
  readonly status?: string;
  /** Changes the assertion before it is signed. */
  readonly edit?: (assertion: string) => string;
}

export const PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
const HASHES = {
  sha256: { signature: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", digest: "http://www.w3.org/2001/04/xmlenc#sha256" },
  sha1: { signature: "http://www.w3.org/2000/09/xmldsig#rsa-sha1", digest: "http://www.w3.org/2000/09/xmldsig#sha1" },
} as const;

/** An identity provider as organisations have them, of whose users anybody may say to be one. */
export class SamlIdentityProvider {
  readonly entityId: string;
  readonly #key: string;
  readonly #certificate: string;

  private constructor(entityId: string, key: string, certificate: string) {
    this.entityId = entityId;
    this.#key = key;
    this.#certificate = certificate;
  }

  static async create(entityId = `https://idp.example/${randomUUID()}`): Promise<SamlIdentityProvider> {
    const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    const key = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    const certificate = await serviceProviderCertificate(key, "idp.example");
    return new SamlIdentityProvider(entityId, key, certificate.replaceAll(/-----[A-Z ]+-----|\s/g, ""));
  }

  metadata(): string {
    return `<?xml version="1.0"?><!-- published --><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${this.entityId}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${this.#certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso?tenant=1"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
  }

  /** @param metadata of the service provider, whose certificate the request is signed with @throws Error where it isn't */
  readRequest(address: string, metadata: string): AuthnRequest {
    const { searchParams } = new URL(address);
    const parameter = (name: string): string => searchParams.get(name) ?? "";
    const signed = ["SAMLRequest", "RelayState", "SigAlg"].map((name) => `${name}=${encodeURIComponent(parameter(name))}`).join("&");
    const certificate = new X509Certificate(Buffer.from(/<ds:X509Certificate>([^<]+)</.exec(metadata)![1]!, "base64"));
    if (!createVerify("sha256").update(signed).verify(certificate.publicKey, parameter("Signature"), "base64")) throw new Error("The request's signature is not the service provider's.");
    const xml = inflateRawSync(Buffer.from(parameter("SAMLRequest"), "base64")).toString();
    const attribute = (name: string): string => new RegExp(`\\s${name}="([^"]*)"`).exec(xml)?.[1]?.replaceAll("&amp;", "&") ?? "";
    return { id: attribute("ID"), issuer: /<saml:Issuer[^>]*>([^<]*)</.exec(xml)![1]!.replaceAll("&amp;", "&"), acsUrl: attribute("AssertionConsumerServiceURL"), relayState: parameter("RelayState"), nameIdFormat: attribute("Format") };
  }

  /** A response whose assertion only the service provider can read. @param metadata of the service provider */
  async respondEncrypted(options: ResponseOptions, metadata: string): Promise<string> {
    const xml = this.respond(options);
    const [assertion = ""] = /<saml:Assertion .*<\/saml:Assertion>/s.exec(xml) ?? [];
    const der = /use="encryption">.*?<ds:X509Certificate>([^<]+)</s.exec(metadata)![1]!;
    const pem = `-----BEGIN CERTIFICATE-----\n${der.replaceAll(/\s/g, "").match(/.{1,64}/g)!.join("\n")}\n-----END CERTIFICATE-----\n`;
    const key = new X509Certificate(pem).publicKey.export({ type: "spki", format: "pem" });
    const encrypted = await promisify(encrypt)(assertion, { rsa_pub: key, pem, encryptionAlgorithm: "http://www.w3.org/2009/xmlenc11#aes256-gcm", keyEncryptionAlgorithm: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p" } as never);
    return xml.replace(assertion, `<saml:EncryptedAssertion>${String(encrypted)}</saml:EncryptedAssertion>`);
  }

  /** A response as XML. */
  respond(options: ResponseOptions): string {
    const { sign = "assertion", edit = (xml: string) => xml, algorithms = "sha256" } = options;
    const ids = { response: `_${randomUUID()}`, assertion: `_${randomUUID()}` };
    let assertion = edit(this.#assertion(ids.assertion, options));
    if (sign === "assertion" || sign === "both") assertion = this.#signed(assertion, ids.assertion, algorithms);
    const destination = options.destination ?? options.recipient;
    const response = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${ids.response}" Version="2.0" IssueInstant="${time(0)}"${destination === "" ? "" : ` Destination="${escape(destination)}"`}${answering(options)}><saml:Issuer>${options.issuer ?? this.entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${options.status ?? "Success"}"/></samlp:Status>${assertion}</samlp:Response>`;
    return sign === "response" || sign === "both" ? this.#signed(response, ids.response, algorithms) : response;
  }

  #assertion(id: string, { issuer = this.entityId, audience, recipient, nameId = "ada", nameIdFormat = PERSISTENT, attributes = {}, notBefore = -5, notOnOrAfter = 300, sessionNotOnOrAfter, ...options }: ResponseOptions): string {
    const statements = Object.entries(attributes).map(([name, values]) => `<saml:Attribute Name="${name}">${[values].flat().map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join("")}</saml:Attribute>`);
    return `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" IssueInstant="${time(0)}"><saml:Issuer>${issuer}</saml:Issuer><saml:Subject><saml:NameID Format="${nameIdFormat}">${nameId}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${time(notOnOrAfter)}" Recipient="${escape(recipient)}"${answering(options)}/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${time(notBefore)}" NotOnOrAfter="${time(notOnOrAfter)}"><saml:AudienceRestriction><saml:Audience>${escape(audience)}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${time(0)}"${sessionNotOnOrAfter === undefined ? "" : ` SessionNotOnOrAfter="${time(sessionNotOnOrAfter)}"`}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>${statements.length > 0 ? `<saml:AttributeStatement>${statements.join("")}</saml:AttributeStatement>` : ""}</saml:Assertion>`;
  }

  #signed(xml: string, id: string, algorithms: keyof typeof HASHES): string {
    const { signature, digest } = HASHES[algorithms];
    const signer = new SignedXml({ privateKey: this.#key, publicCert: `-----BEGIN CERTIFICATE-----\n${this.#certificate}\n-----END CERTIFICATE-----`, signatureAlgorithm: signature, canonicalizationAlgorithm: "http://www.w3.org/2001/10/xml-exc-c14n#" });
    signer.addReference({ xpath: `//*[@ID='${id}']`, digestAlgorithm: digest, transforms: ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/2001/10/xml-exc-c14n#"] });
    signer.computeSignature(xml, { prefix: "ds", location: { reference: `//*[@ID='${id}']/*[local-name()='Issuer']`, action: "after" } });
    return signer.getSignedXml();
  }
}

const time = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();
const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
const answering = ({ inResponseTo }: Pick<ResponseOptions, "inResponseTo">): string => (inResponseTo === undefined ? "" : ` InResponseTo="${inResponseTo}"`);
