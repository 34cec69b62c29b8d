import type { SAML } from "@node-saml/node-saml";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { type Assertion, readAssertion } from "./assertion.ts";
import { CLOCK_SKEW, type ServiceProvider, withoutKey } from "./service-provider.ts";
import { attribute, children, parseXml, rootOf, textOf, timeOf, type XmlNode } from "./xml.ts";

/** A response as it was posted, of which nothing is certain yet. */
export interface PostedResponse {
  /** As it was posted: base64. */
  readonly encoded: string;
  /** The element samlp:Response. */
  readonly root: XmlNode;
  /** Who says to have written it. */
  readonly issuer: string;
}

/** What a response has to fit. */
export interface Expected {
  readonly entityId: string;
  readonly serviceProvider: ServiceProvider;
  /** Of the request that it answers. Undefined: it must answer none (IdP-initiated). */
  readonly requestId: string | undefined;
}

const SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/** What signatures and digests may be made with: nothing with SHA-1, no keyed hash. */
const ALGORITHMS: Readonly<Record<string, ReadonlySet<string>>> = {
  SignatureMethod: new Set(["256", "384", "512"].map((bits) => `http://www.w3.org/2001/04/xmldsig-more#rsa-sha${bits}`)),
  DigestMethod: new Set(["http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512"]),
};

/** @throws BackendError validation_failed */
export async function readPostedResponse(encoded: string): Promise<PostedResponse> {
  const compact = encoded.replaceAll(/\s/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "SAMLResponse is not a valid Base64 string" });
  const xml = Buffer.from(compact, "base64").toString("utf8");
  const root = rootOf(await parseXml(xml, "SAMLResponse"), "Response");
  if (root === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "SAMLResponse is not a valid XML SAML assertion" });
  return { encoded: compact, root, issuer: textOf(children(root, "Issuer")[0]) || textOf(children(children(root, "Assertion")[0], "Issuer")[0]) };
}

/**
 * The assertion that a response holds: of that which is signed, and of nothing else. node-saml verifies the signature and
 * hands out the signed bytes; all that is read afterwards is read from them. What it leaves to others is checked here:
 * recipient, request, issuer, status and algorithms (SAML 2.0 Profiles, 4.1.4.3).
 *
 * @throws BackendError validation_failed
 */
export async function verifyResponse(saml: SAML, response: PostedResponse, expected: Expected): Promise<Assertion> {
  checkEnvelope(response, expected);
  const assertion = readAssertion(await signedAssertion(saml, response));
  if (assertion.issuer !== expected.entityId) throw invalid("its issuer is not the identity provider");
  if (assertion.id === "") throw invalid("it has no ID");
  const until = confirmedUntil(assertion.node, expected);
  if (until === undefined) throw invalid("it confirms no subject for this request and recipient at this time");
  if (assertion.sessionNotOnOrAfter !== undefined && !(assertion.sessionNotOnOrAfter + CLOCK_SKEW > Date.now())) throw invalid("the session it speaks of is over");
  return { ...assertion, until };
}

/** What isn't covered by an assertion's signature can only make things worse. */
function checkEnvelope({ root }: PostedResponse, { entityId, serviceProvider, requestId }: Expected): void {
  const status = attribute(children(children(root, "Status")[0], "StatusCode")[0], "Value");
  if (status !== SUCCESS) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "The identity provider did not sign in anybody", details: status ?? null });
  const destination = attribute(root, "Destination");
  if (destination !== undefined && !isSameAddress(destination, serviceProvider.acsUrl)) throw invalid("its destination is another");
  const [issuer] = children(root, "Issuer");
  if (issuer !== undefined && textOf(issuer) !== entityId) throw invalid("its issuer is not the identity provider");
  const inResponseTo = attribute(root, "InResponseTo");
  if (inResponseTo !== undefined && inResponseTo !== requestId) throw invalid("it answers another request");
  for (const [name, safe] of Object.entries(ALGORITHMS)) {
    if (!descendants(root, name).every((method) => safe.has(attribute(method, "Algorithm") ?? ""))) throw invalid("it is signed with an algorithm that is not safe any more");
  }
}

/** Elements of that name wherever they are; but for those of encryption, where a digest is no signature's. */
function descendants(node: XmlNode, name: string): readonly XmlNode[] {
  const names = Object.keys(node).filter((each) => each !== "$" && each !== "_" && each !== "EncryptedAssertion");
  return names.flatMap((each) => children(node, each).flatMap((child) => [...(each === name ? [child] : []), ...descendants(child, name)]));
}

async function signedAssertion(saml: SAML, { encoded }: PostedResponse): Promise<XmlNode> {
  const outcome = await saml.validatePostResponseAsync({ SAMLResponse: encoded }).catch((cause: unknown) => {
    // What exactly was wrong is for the log: a message for each fault would help to find one that isn't.
    throw new AuthError(AUTH_ERRORS.validationFailed, { message: "SAML Assertion is not valid", cause });
  });
  const assertion = outcome.profile?.getAssertion?.()["Assertion"];
  if (typeof assertion !== "object" || assertion === null) throw invalid("there is none");
  return assertion as XmlNode;
}

/** When the subject's confirmation ends that fits, in milliseconds since 1970. */
function confirmedUntil(assertion: XmlNode, { serviceProvider, requestId }: Expected): number | undefined {
  const [subject] = children(assertion, "Subject");
  const ends = children(subject, "SubjectConfirmation")
    .filter((confirmation) => attribute(confirmation, "Method") === BEARER)
    .flatMap((confirmation) => children(confirmation, "SubjectConfirmationData"))
    .filter((data) => isSameAddress(attribute(data, "Recipient") ?? "", serviceProvider.acsUrl) && attribute(data, "InResponseTo") === requestId && attribute(data, "NotBefore") === undefined)
    .map((data) => timeOf(attribute(data, "NotOnOrAfter")) ?? Number.NaN);
  return ends.find((end) => end + CLOCK_SKEW > Date.now());
}

const isSameAddress = (given: string, own: string): boolean => given === own || withoutKey(given) === withoutKey(own);

const invalid = (why: string): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message: "SAML Assertion is not valid", cause: new Error(why) });
