import type { AttributeMapping } from "./provider-settings.ts";
import { NAME_ID_FORMATS } from "./provider-settings.ts";
import { attribute, children, textOf, timeOf, type XmlNode } from "./xml.ts";

/** What an identity provider says of a user. */
export interface Assertion {
  readonly node: XmlNode;
  readonly id: string;
  readonly issuer: string;
  readonly nameId: { readonly value: string; readonly format: string | undefined } | undefined;
  readonly attributes: readonly SamlAttribute[];
  /** When the user's session at the identity provider ends, in milliseconds since 1970. NaN where it can't be read. */
  readonly sessionNotOnOrAfter: number | undefined;
  /** Until when it may be shown, in milliseconds since 1970. */
  readonly until: number;
}

export interface SamlAttribute {
  readonly name: string;
  readonly friendlyName: string;
  readonly values: readonly string[];
}

/** @param node what was signed */
export function readAssertion(node: XmlNode): Assertion {
  const [nameId] = children(children(node, "Subject")[0], "NameID");
  const ends = children(node, "AuthnStatement").map((statement) => timeOf(attribute(statement, "SessionNotOnOrAfter"))).filter((end) => end !== undefined);
  return {
    node,
    id: attribute(node, "ID") ?? "",
    issuer: textOf(children(node, "Issuer")[0]),
    nameId: nameId === undefined ? undefined : { value: textOf(nameId), format: attribute(nameId, "Format") },
    attributes: children(node, "AttributeStatement")
      .flatMap((statement) => children(statement, "Attribute"))
      .map((one) => ({ name: attribute(one, "Name") ?? "", friendlyName: attribute(one, "FriendlyName") ?? "", values: children(one, "AttributeValue").map(textOf) })),
    sessionNotOnOrAfter: ends[0],
    until: 0,
  };
}

const SUBJECT_ID = "urn:oasis:names:tc:SAML:attribute:subject-id";

/**
 * By what the identity provider knows the user for good (internal/api/samlassertion.go).
 * @returns undefined where it is another one each time
 */
export function userIdOf(assertion: Assertion): string | undefined {
  const [subjectId] = valuesOf(assertion, SUBJECT_ID);
  if (subjectId) return subjectId;
  const { nameId } = assertion;
  if (nameId === undefined || nameId.value === "" || nameId.format === NAME_ID_FORMATS.transient) return undefined;
  return nameId.format === NAME_ID_FORMATS.emailAddress ? nameId.value.toLowerCase() : nameId.value;
}

const EMAIL_ATTRIBUTES = [
  "urn:oid:0.9.2342.19200300.100.1.3",
  "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
  "http://schemas.xmlsoap.org/claims/EmailAddress",
  "mail",
  "email",
];

/** Where the mapping names no address: by the names that are usual. */
export function emailOf(assertion: Assertion): string | undefined {
  const told = EMAIL_ATTRIBUTES.flatMap((name) => valuesOf(assertion, name)).find((value) => value !== "");
  return told ?? (assertion.nameId?.format === NAME_ID_FORMATS.emailAddress ? assertion.nameId.value : undefined);
}

/** By `Name` or `FriendlyName`, in whatever case. */
function valuesOf({ attributes }: Assertion, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return attributes.filter((one) => one.name.toLowerCase() === wanted || one.friendlyName.toLowerCase() === wanted).flatMap(({ values }) => values);
}

/** Claims from attributes: of the names that a key has the first one that there is; else its default. */
export function mappedClaims(assertion: Assertion, { keys = {} }: AttributeMapping): Readonly<Record<string, unknown>> {
  const claims = Object.entries(keys).map(([key, { name, names = [], default: fallback, array = false }]) => {
    const values = [...(name ? [name] : []), ...names].map((one) => valuesOf(assertion, one).filter((value) => value !== "")).find((found) => found.length > 0);
    return [key, values === undefined ? fallback : array ? values : values[0]] as const;
  });
  return Object.fromEntries(claims.filter(([, value]) => value !== undefined && value !== null));
}
