import type { Cardinality } from "../../schema-cache/relationship.ts";

/** Whether the foreign key's constraint has this name. */
export const constraintIs = (cardinality: Cardinality, name: string): boolean => cardinality.kind !== "M2M" && cardinality.constraint === name;

/** Whether the only column on the origin's side has this name. */
export const ownColumnIs = (cardinality: Cardinality, name: string): boolean => onlyColumnIs(cardinality, 0, name);

/** Whether the only column on the target's side has this name. */
export const foreignColumnIs = (cardinality: Cardinality, name: string): boolean => onlyColumnIs(cardinality, 1, name);

export const junctionIs = (cardinality: Cardinality, name: string): boolean =>
  cardinality.kind === "M2M" && cardinality.junction.table.name === name;

function onlyColumnIs(cardinality: Cardinality, side: 0 | 1, name: string): boolean {
  return cardinality.kind !== "M2M" && cardinality.columns.length === 1 && cardinality.columns[0]?.[side] === name;
}
