import type { Field } from "./field.ts";

export type OrderTerm = FieldOrder | RelationOrder;

interface OrderModifiers {
  readonly direction: "asc" | "desc" | undefined;
  readonly nulls: "first" | "last" | undefined;
}

export interface FieldOrder extends OrderModifiers {
  readonly kind: "field";
  readonly field: Field;
}

/** `order=relation(field).desc` */
export interface RelationOrder extends OrderModifiers {
  readonly kind: "relation";
  readonly relation: string;
  readonly field: Field;
}
