import { columnOf, type Relation } from "../sql/identifier.ts";

/** ` returning …`; a bare 1 where only the number of rows matters, which needs no privilege to select. */
export const returningSql = (relation: Relation, columns: readonly string[]): string =>
  ` returning ${columns.length === 0 ? "1" : columns.map((column) => columnOf(relation, column)).join(", ")}`;
