/** A name in a schema. */
export interface QualifiedIdentifier {
  readonly schema: string;
  readonly name: string;
}

/** Map key of an identifier; NUL can't occur in PostgreSQL names. */
export const identifierKey = (id: QualifiedIdentifier): string => `${id.schema}\0${id.name}`;

export const sameIdentifier = (a: QualifiedIdentifier, b: QualifiedIdentifier): boolean =>
  a.schema === b.schema && a.name === b.name;
