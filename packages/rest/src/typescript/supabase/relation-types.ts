import { block, literal, nullable, objectType, type Property, union } from "../source-text.ts";
import type { ColumnModel, RelationModel, RelationshipModel } from "../model/schema-model.ts";
import type { JsonValues } from "./json-value.ts";

/** `Row`, `Insert`, `Update` and `Relationships` of a table or view; a view has what it takes. */
export function relationType(relation: RelationModel, values: JsonValues): string {
  const { columns, computed, relationships, insertable, updatable } = relation;
  const row = [
    ...columns.map((column): Property => ({ name: column.name, type: orNull(values.read(column.type), column.nullable) })),
    ...computed.map(({ name, type }): Property => ({ name, type: nullable(values.plain(type)) })),
  ];
  return objectType([
    { name: "Row", type: objectType(row) },
    ...(insertable ? [{ name: "Insert", type: objectType(columns.map((column) => written(column, column.insertable, column.optional, values))) }] : []),
    ...(updatable ? [{ name: "Update", type: objectType(columns.map((column) => written(column, column.updatable, true, values))) }] : []),
    ...(computed.length > 0 ? [{ name: "ComputedFields", type: union(computed.map(({ name }) => literal(name))) }] : []),
    { name: "Relationships", type: tupleOf(relationships.map(relationshipType)) },
  ]);
}

const orNull = (type: string, isNullable: boolean): string => (isNullable ? nullable(type) : type);

function written({ name, type, nullable: isNullable }: ColumnModel, allowed: boolean, optional: boolean, values: JsonValues): Property {
  return allowed ? { name, optional, type: orNull(values.written(type), isNullable) } : { name, optional: true, type: "never" };
}

const tupleOf = (members: readonly string[]): string => (members.length === 0 ? "[]" : block(members.map((member) => `${member},`)).replace(/^\{/, "[").replace(/\}$/, "]"));

const relationshipType = ({ constraint, columns, isOneToOne, target, targetColumns }: RelationshipModel): string =>
  objectType([
    { name: "foreignKeyName", type: literal(constraint) },
    { name: "columns", type: names(columns) },
    { name: "isOneToOne", type: String(isOneToOne) },
    { name: "referencedRelation", type: literal(target) },
    { name: "referencedColumns", type: names(targetColumns) },
  ]);

const names = (list: readonly string[]): string => `[${list.map(literal).join(", ")}]`;

