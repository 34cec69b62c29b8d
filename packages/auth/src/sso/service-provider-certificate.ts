import { createPrivateKey, createPublicKey, sign } from "node:crypto";

/** sha256WithRSAEncryption and commonName (RFC 8017, A.2.4; RFC 5280, A.1). */
const SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
const COMMON_NAME = "2.5.4.3";

/**
 * A certificate as a vessel for the public key, which is all that SAML wants of one. The same key gives the same
 * certificate each time, since identity providers keep it.
 *
 * @param privateKey RSA, PKCS#8 in PEM
 * @returns PEM
 */
export async function serviceProviderCertificate(privateKey: string, host: string): Promise<string> {
  const { AsnConvert, OctetString } = await import("@peculiar/asn1-schema");
  const x509 = await import("@peculiar/asn1-x509");
  const key = createPrivateKey(privateKey);
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: SHA256_WITH_RSA, parameters: null });
  const name = new x509.Name([new x509.RelativeDistinguishedName([new x509.AttributeTypeAndValue({ type: COMMON_NAME, value: new x509.AttributeValue({ utf8String: `SAML 2.0 Certificate for ${host}` }) })])]);
  const usage = new x509.KeyUsage(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.dataEncipherment);
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: new Uint8Array([1]).buffer,
    signature: algorithm,
    issuer: name,
    subject: name,
    validity: new x509.Validity({ notBefore: new Date("2020-01-01T00:00:00Z"), notAfter: new Date("2170-01-01T00:00:00Z") }),
    subjectPublicKeyInfo: AsnConvert.parse(createPublicKey(key).export({ type: "spki", format: "der" }), x509.SubjectPublicKeyInfo),
    extensions: new x509.Extensions([new x509.Extension({ extnID: x509.id_ce_keyUsage, critical: true, extnValue: new OctetString(AsnConvert.serialize(usage)) })]),
  });
  const signature = sign("sha256", Buffer.from(AsnConvert.serialize(tbsCertificate)), key);
  const certificate = new x509.Certificate({ tbsCertificate, signatureAlgorithm: algorithm, signatureValue: new Uint8Array(signature).buffer });
  const lines = Buffer.from(AsnConvert.serialize(certificate)).toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
