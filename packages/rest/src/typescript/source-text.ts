/** Pieces of TypeScript as text; what spans lines is indented where it is put into something else. */

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Text as a literal. JSON's escapes are JavaScript's, so that no name can end it. */
export const literal = (text: string): string => JSON.stringify(text);

/** Key of a type's property: reserved words may stand there as they are. */
export const propertyKey = (name: string): string => (IDENTIFIER.test(name) ? name : literal(name));

export const indented = (text: string): string => text.replaceAll("\n", "\n  ");

/** A property of a type: its key with "?" where it may be left out, and its type. */
export interface Property {
  readonly name: string;
  readonly optional?: boolean;
  readonly type: string;
}

/** `{ … }`, a line for each property. */
export const objectType = (properties: readonly Property[]): string => (properties.length === 0 ? "{}" : block(properties.map(propertyText)));

const propertyText = ({ name, optional, type }: Property): string => `${propertyKey(name)}${optional ? "?" : ""}:${type.startsWith("\n") ? "" : " "}${type}`;

/** The same, on one line where that is short. */
export function shortObjectType(properties: readonly Property[]): string {
  const long = objectType(properties);
  const short = `{ ${properties.map(propertyText).join("; ")} }`;
  return short.length > LONGEST || properties.some(({ type }) => type.includes("\n")) ? long : short;
}

const LONGEST = 80;

export const block = (lines: readonly string[]): string => `{\n${lines.map((line) => `  ${indented(line)}`).join("\n")}\n}`;

/** What of it is `never` is left out, since it adds nothing. */
export function union(members: readonly string[]): string {
  const distinct = [...new Set(members)].filter((member) => member !== "never");
  return distinct.length === 0 ? "never" : distinct.join(" | ");
}

/** `unknown` has null in it. */
export const nullable = (type: string): string => (type === "unknown" ? type : union([type, "null"]));

/** Names, references and objects (of which no union begins with one here) need no parentheses. */
const WITHOUT_PARENTHESES = /^(\{|[\w$]+(\["[^"\\]*"\])*$)/;

export const arrayOf = (element: string): string => (WITHOUT_PARENTHESES.test(element) ? `${element}[]` : `(${element})[]`);
