import type { Relationship } from "../schema-cache/relationship.ts";
import type { Column, Table } from "../schema-cache/table.ts";
import { swaggerType, typeSchema } from "./column-type.ts";
import type { Schema } from "./swagger.ts";

/** @param relationships of the table, to targets of its own schema */
export const tableDefinition = (table: Table, relationships: readonly Relationship[]): Schema => {
  const columns = [...table.columns.values()];
  const required = columns.filter((column) => !column.nullable).map((column) => column.name);
  return {
    type: "object",
    ...(table.description !== null && { description: table.description }),
    ...(columns.length > 0 && { properties: Object.fromEntries(columns.map((column) => [column.name, property(column, table, relationships)])) }),
    ...(required.length > 0 && { required }),
  };
};

const property = (column: Column, table: Table, relationships: readonly Relationship[]): Schema => {
  const description = columnDescription(column, table, relationships);
  const value = column.default === null ? undefined : defaultValue(column.type, column.default);
  return {
    ...typeSchema(column.type),
    ...(description !== null && { description }),
    ...(value !== undefined && { default: value }),
    ...(column.enum.length > 0 && { enum: column.enum }),
    ...(column.maxLength !== null && { maxLength: column.maxLength }),
  };
};

/** The comment, with a note on the keys that clients generated from the document go by. */
const columnDescription = (column: Column, table: Table, relationships: readonly Relationship[]): string | null => {
  const notes = [
    ...(table.primaryKey.includes(column.name) ? ["This is a Primary Key.<pk/>"] : []),
    ...foreignKeyNotes(column, relationships),
  ];
  if (notes.length === 0) return column.description;
  const comment = column.description === null ? "" : `${column.description}\n\n`;
  return comment + ["Note:", ...notes].join("\n");
};

/** One foreign key of this column alone; to a table rather than to a view. */
const foreignKeyNotes = (column: Column, relationships: readonly Relationship[]): readonly string[] => {
  const targets = relationships
    .flatMap((rel) => (rel.kind === "foreign-key" ? [rel] : []))
    .toSorted((a, b) => Number(a.foreignTableIsView) - Number(b.foreignTableIsView))
    .flatMap(({ cardinality, foreignTable }) => {
      if (cardinality.kind !== "M2O" && (cardinality.kind !== "O2O" || cardinality.isParent)) return [];
      const [pair, ...more] = cardinality.columns;
      return pair && more.length === 0 && pair[0] === column.name ? [{ table: foreignTable.name, column: pair[1] }] : [];
    });
  return targets.slice(0, 1).map((target) => `This is a Foreign Key to \`${target.table}.${target.column}\`.<fk table='${target.table}' column='${target.column}'/>`);
};

/** What can be said in JSON of a default: literals, and of strings the expression if it is none. */
const defaultValue = (type: string, expression: string): unknown => {
  const json = swaggerType(type) === "string" ? `"${literalOf(type, expression)}"` : expression;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
};

const literalOf = (type: string, expression: string): string => {
  const cast = `::${type}`;
  return expression.endsWith(cast) ? expression.slice(0, -cast.length).replace(/^'+|'+$/g, "") : expression;
};
