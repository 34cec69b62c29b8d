/** What an element holds: text, elements by their names (a list: one after the other), or nothing. What is undefined is left out. */
export type XmlContent = string | number | boolean | undefined | XmlElements | readonly XmlContent[];
export interface XmlElements {
  readonly [name: string]: XmlContent;
}

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** Whitespace goes as a reference, since readers normalise it; XML 1.0 can't say the other control characters at all. */
const escape = (text: string): string =>
  text
    .replace(/[&<>"']/g, (character) => ESCAPES[character]!)
    .replace(/[\t\n\r\u0085\u2028]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\0-\x1f\p{Surrogate}\ufffe\uffff]/gu, "\ufffd");

/** A document with one element at its root. Names are the caller's own, never a user's. */
export const writeXml = (root: string, content: XmlContent, { namespace = NAMESPACE }: { readonly namespace?: string } = {}): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace === "" ? "" : ` xmlns="${namespace}"`}>${inside(content)}</${root}>`;

function inside(content: XmlContent): string {
  if (content === undefined) return "";
  if (typeof content !== "object") return escape(String(content));
  if (Array.isArray(content)) return content.map(inside).join("");
  return Object.entries(content).map(([name, value]) => elements(name, value)).join("");
}

function elements(name: string, content: XmlContent): string {
  if (content === undefined) return "";
  if (Array.isArray(content)) return content.map((each: XmlContent) => elements(name, each)).join("");
  return `<${name}>${inside(content)}</${name}>`;
}
