import type { DatabaseFacts } from "./database-facts.ts";
import type { SequenceValue, Table } from "./table-list.ts";

/** Before the rows, and after them: indexes, constraints and triggers, which must not disturb them. */
export type SchemaSection = "pre-data" | "post-data";

/**
 * A piece of a database on its way. They come in this order: `facts`, `schema` (pre-data), `tables`, any number of
 * `rows` with the tables in the order of the list, `sequences`, `schema` (post-data). Without data there are no `rows`.
 */
export type DumpPart =
  | { readonly kind: "facts"; readonly facts: DatabaseFacts }
  | { readonly kind: "schema"; readonly section: SchemaSection; readonly script: string }
  | { readonly kind: "tables"; readonly tables: readonly Table[] }
  /** Text format of COPY: lines, which may be cut anywhere. At most `PIECE_BYTES`. */
  | { readonly kind: "rows"; readonly table: number; readonly bytes: Buffer }
  | { readonly kind: "sequences"; readonly sequences: readonly SequenceValue[] };
