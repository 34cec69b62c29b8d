import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** An element, as xml2js has it: `$` its attributes, `_` its text, and its children by their local names. */
export type XmlNode = Readonly<Record<string, unknown>>;

/** Characters: metadata of a whole federation is none that is taken, and responses are far shorter. */
const LONGEST = 1_000_000;

/**
 * What `<!` and `<?` begin: document types with their entities, comments, CDATA and processing instructions. Metadata and
 * responses need none, and what they are used for is to have two readers see two documents.
 */
const MARKUP_BEYOND_ELEMENTS = /<!|<\?(?!xml[\s?])|[^]<\?xml/;

/**
 * Reads a document of elements and texts alone. Names are without their prefixes.
 * @throws BackendError validation_failed
 */
export async function parseXml(text: string, what: string): Promise<XmlNode> {
  if (text.length > LONGEST) throw refused(what, "is too long");
  if (MARKUP_BEYOND_ELEMENTS.test(text.replace(/^\uFEFF/, "").trimStart())) throw refused(what, "has a document type, comments, CDATA or processing instructions, which are not taken");
  const { Parser, processors } = await import("xml2js");
  const parser = new Parser({ explicitRoot: true, explicitCharkey: true, tagNameProcessors: [processors.stripPrefix] });
  try {
    const parsed: unknown = await parser.parseStringPromise(text);
    if (typeof parsed === "object" && parsed !== null) return parsed as XmlNode;
  } catch (cause) {
    throw refused(what, "is not well-formed XML", cause);
  }
  throw refused(what, "is empty");
}

/** Metadata may be commented upon: comments say nothing, and are taken out before it is read. Document types are not taken. */
export const withoutComments = (text: string): string => text.replaceAll(/<!--[^]*?-->/g, "");

const refused = (what: string, why: string, cause?: unknown): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message: `${what} ${why}`, cause });

const asNode = (value: unknown): XmlNode => (typeof value === "object" && value !== null ? (value as XmlNode) : { _: value });

export function children(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  const found = node !== undefined && Object.hasOwn(node, name) ? node[name] : undefined;
  return Array.isArray(found) ? found.map(asNode) : [];
}

/** The root of a document, where it has that name. */
export const rootOf = (document: XmlNode, name: string): XmlNode | undefined => (Object.hasOwn(document, name) ? asNode(document[name]) : undefined);

export function attribute(node: XmlNode | undefined, name: string): string | undefined {
  const attributes = asNode(node?.["$"] ?? {});
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return typeof value === "string" ? value : undefined;
}

/** Without blanks around it. */
export const textOf = (node: XmlNode | undefined): string => (typeof node?.["_"] === "string" ? node["_"].trim() : "");

/** A time of XML Schema in milliseconds since 1970; NaN for what is none. */
export const timeOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));
