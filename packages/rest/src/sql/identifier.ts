import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";

/** PostgreSQL's texts end at NUL; what follows one never was part of a name. */
const untilNul = (text: string): string => {
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
};

/** `na"me` → `"na""me"`. Called for every name of every statement, of which hardly any has something to escape. */
export const quoteIdentifier = (name: string): string =>
  name.includes('"') || name.includes("\0") ? `"${untilNul(name).replaceAll('"', '""')}"` : `"${name}"`;

/** `"schema"."name"`, or `"name"` where the schema is "": names of the statement itself. */
export const quoteQualified = (id: QualifiedIdentifier): string =>
  id.schema === "" ? quoteIdentifier(id.name) : `${quoteIdentifier(id.schema)}.${quoteIdentifier(id.name)}`;

/** A relation of the statement's FROM as its columns refer to it, quoted once. */
export interface Relation {
  /** `"schema"."name"` */
  readonly sql: string;
  /** `"name"`: stands for the whole row. */
  readonly row: string;
}

export const relationOf = (id: QualifiedIdentifier): Relation => ({ sql: quoteQualified(id), row: quoteIdentifier(id.name) });

/** A relation that the statement itself names. */
export function namedRelation(name: string): Relation {
  const quoted = quoteIdentifier(name);
  return { sql: quoted, row: quoted };
}

/** "*" stands for all columns. */
export const columnOf = (relation: Relation, column: string): string =>
  column === "*" ? `${relation.sql}.*` : `${relation.sql}.${quoteIdentifier(column)}`;

/**
 * A string constant. Only for names that come from the catalogs and settings of the server:
 * whatever a client sends is bound.
 */
export function quoteLiteral(text: string): string {
  const quoted = `'${untilNul(text).replaceAll("'", "''")}'`;
  return quoted.includes("\\") ? `E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

/**
 * A type as the client wrote it in a cast. Words stay bare, since `"integer"` isn't the type that `integer` is;
 * anything else is quoted, so that it names at worst a type that doesn't exist.
 */
export const typeName = (written: string): string =>
  /^[\p{L}_][\p{L}\p{N}_ ]*$/u.test(written) ? written : quoteIdentifier(written);
