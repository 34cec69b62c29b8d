import { StorageError } from "../../storage-error.ts";
import { S3_ERRORS } from "../s3-errors.ts";

/** An element of a request: its children by their names, without prefixes. */
export type XmlNode = Readonly<Record<string, unknown>>;

/** Document types with their entities, comments, CDATA and processing instructions: no client of S3 sends them, and bombs are made of them. */
const MARKUP_BEYOND_ELEMENTS = /<!|<\?(?!xml[\s?])|[^]<\?xml/;

/** Reads a document with one element of that name at its root. @throws StorageError MalformedXML */
export async function readXml(text: string, root: string): Promise<XmlNode> {
  if (MARKUP_BEYOND_ELEMENTS.test(text.replace(/^\uFEFF/, "").trimStart())) throw new StorageError(S3_ERRORS.malformedXml);
  const { Parser, processors } = await import("xml2js");
  try {
    const parsed = (await new Parser({ ignoreAttrs: true, includeWhiteChars: true, tagNameProcessors: [processors.stripPrefix] }).parseStringPromise(text)) as XmlNode | null;
    if (parsed !== null && Object.hasOwn(parsed, root)) return asNode(parsed[root]);
  } catch (cause) {
    throw new StorageError(S3_ERRORS.malformedXml, { cause });
  }
  throw new StorageError(S3_ERRORS.malformedXml, { details: `There is no <${root}>.` });
}

const asNode = (value: unknown): XmlNode => (typeof value === "object" && value !== null ? (value as XmlNode) : {});

export const children = (node: XmlNode, name: string): readonly XmlNode[] => listOf(node, name).map(asNode);

/** The text of the first element of that name; undefined where there is none. */
export function textOf(node: XmlNode, name: string): string | undefined {
  const [first] = listOf(node, name);
  return typeof first === "string" ? first : undefined;
}

function listOf(node: XmlNode, name: string): readonly unknown[] {
  const found = Object.hasOwn(node, name) ? node[name] : undefined;
  return Array.isArray(found) ? found : [];
}
