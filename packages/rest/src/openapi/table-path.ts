import type { Table } from "../schema-cache/table.ts";
import { operationTexts } from "./operation-texts.ts";
import { bodyParameterName, filterParameterNames } from "./parameter-definitions.ts";
import { definitionReference, parameterReference } from "./swagger.ts";
import type { Operation, PathItem } from "./swagger.ts";

/** Reading, and writing if the relation takes any of it. */
export const tablePath = (table: Table): PathItem => {
  const filters = filterParameterNames(table);
  const body = bodyParameterName(table);
  const operation = (parameters: readonly string[], responses: Operation["responses"]): Operation => ({
    tags: [table.name],
    ...operationTexts(table.description),
    parameters: parameters.map(parameterReference),
    responses,
  });
  const get = operation([...filters, "select", "order", "range", "rangeUnit", "offset", "limit", "preferCount"], {
    200: { description: "OK", schema: { type: "array", items: definitionReference(table.name) } },
    206: { description: "Partial Content" },
  });
  if (!table.insertable && !table.updatable && !table.deletable) return { get };
  return {
    get,
    post: operation([body, "select", "preferPost"], { 201: { description: "Created" } }),
    patch: operation([...filters, body, "preferReturn"], { 204: { description: "No Content" } }),
    delete: operation([...filters, "preferReturn"], { 204: { description: "No Content" } }),
  };
};
