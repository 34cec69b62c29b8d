import type { JoinCondition, ReadPlan } from "../../src/plan/read-plan.ts";
import type { Relationship } from "../../src/schema-cache/relationship.ts";
import { readPlan, select, target } from "./plans.ts";

const own = (name: string) => ({ schema: "", name });
const foreignKey = (table: string, foreignTable: string, cardinality: Extract<Relationship, { kind: "foreign-key" }>["cardinality"]): Relationship => ({
  kind: "foreign-key",
  table: target(table),
  foreignTable: target(foreignTable),
  isSelf: false,
  tableIsView: false,
  foreignTableIsView: false,
  cardinality,
});

const joined = (left: JoinCondition["left"][0], leftColumn: string, right: JoinCondition["right"][0], rightColumn: string): JoinCondition => ({
  left: [left, leftColumn],
  right: [right, rightColumn],
});

/** products → makers */
export const makerOf = (parent: ReturnType<typeof own>, more: Partial<ReadPlan> = {}): ReadPlan =>
  readPlan("makers", {
    fromAlias: "makers_1",
    aggregateAlias: "products_makers_1",
    depth: 1,
    relationToParent: foreignKey("products", "makers", { kind: "M2O", constraint: "products_maker_id_fkey", columns: [["maker_id", "id"]] }),
    joinConditions: [joined(parent, "maker_id", own("makers_1"), "id")],
    ...more,
  });

/** makers → products */
export const productsOf = (parent: ReturnType<typeof own>, more: Partial<ReadPlan> = {}): ReadPlan =>
  readPlan("products", {
    fromAlias: "products_1",
    aggregateAlias: "makers_products_1",
    depth: 1,
    select: [select("id")],
    relationToParent: foreignKey("makers", "products", { kind: "O2M", constraint: "products_maker_id_fkey", columns: [["id", "maker_id"]] }),
    joinConditions: [joined(parent, "id", own("products_1"), "maker_id")],
    ...more,
  });

/** products → labels, through their junction */
export const labelsOf = (parent: ReturnType<typeof own>, more: Partial<ReadPlan> = {}): ReadPlan =>
  readPlan("labels", {
    aggregateAlias: "products_labels_1",
    depth: 1,
    select: [select("label")],
    relationToParent: foreignKey("products", "labels", {
      kind: "M2M",
      junction: {
        table: target("product_labels"),
        constraint1: "product_labels_product_id_fkey",
        constraint2: "product_labels_label_id_fkey",
        sourceColumns: [["id", "product_id"]],
        targetColumns: [["id", "label_id"]],
      },
    }),
    joinConditions: [joined(target("labels"), "id", target("product_labels"), "label_id"), joined(parent, "id", target("product_labels"), "product_id")],
    ...more,
  });

/** products → makers, by the function shop.maker(products) */
export const computedMakerOf = (tableAlias: string, more: Partial<ReadPlan> = {}): ReadPlan =>
  readPlan("makers", {
    fromAlias: "makers_1",
    aggregateAlias: "products_maker_1",
    depth: 1,
    relationToParent: {
      kind: "computed",
      function: target("maker"),
      table: target("products"),
      foreignTable: target("makers"),
      tableAlias: own(tableAlias),
      toOne: true,
      isSelf: false,
    },
    ...more,
  });

/** A level with one embed as JSON. */
export const embedding = (parent: ReadPlan, child: ReadPlan, mode: "object" | "array", name = child.relationName): ReadPlan => ({
  ...parent,
  relationSelect: [...parent.relationSelect, { kind: "jsonEmbed", name, aggregateAlias: child.aggregateAlias, mode, empty: false }],
  children: [...parent.children, child],
});

/** A level with the columns of an embed among its own. */
export const spreading = (parent: ReadPlan, child: ReadPlan, names: readonly string[]): ReadPlan => ({
  ...parent,
  relationSelect: [
    ...parent.relationSelect,
    {
      kind: "spread",
      aggregateAlias: child.aggregateAlias,
      fields: names.map((name) => ({ name, aggregate: undefined, aggregateCast: undefined, alias: undefined })),
    },
  ],
  children: [...parent.children, child],
});
