/**
 * The values of a statement in the making. Each one bound is a parameter of its own, equal ones too:
 * the text then depends on the request's shape alone, and one prepared statement serves them all.
 */
export class Parameters {
  readonly values: Array<string | null> = [];

  /** Takes a value and gives its placeholder. Its type is for PostgreSQL to infer, as that of an unknown literal. */
  bind(value: string | null): string {
    return `$${this.values.push(value)}`;
  }
}

/** `{"a","b"}`: an array's text form, for a parameter whose element type PostgreSQL infers. */
export const arrayText = (values: readonly string[]): string => `{${values.map(arrayElement).join(",")}}`;

const arrayElement = (value: string): string => `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
