import { invalidResourcePath, invalidRpcMethod, openapiDisabled, unsupportedMethod } from "../errors/api-request-errors.ts";
import type { RestConfig } from "../config/rest-config.ts";
import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";
import type { Action } from "./api-request.ts";
import { decodePercent } from "./query-string.ts";

export type Resource =
  | { readonly kind: "schema" }
  | { readonly kind: "relation"; readonly name: string }
  | { readonly kind: "routine"; readonly name: string };

/**
 * What a path names: `/relation`, `/rpc/routine`, or `/` for the schema's description.
 * @throws BackendError PGRST125, PGRST126
 */
export function resolveResource(path: string, config: RestConfig): Resource {
  const segments = pathSegments(path);
  const [first, second] = segments;
  if (first === undefined) return rootResource(config);
  if (segments.length === 1) return { kind: "relation", name: first };
  if (segments.length === 2 && first === "rpc" && second !== undefined) return { kind: "routine", name: second };
  throw invalidResourcePath();
}

function rootResource({ openapiMode, rootSpec }: RestConfig): Resource {
  if (openapiMode === "disabled") throw openapiDisabled();
  return rootSpec === undefined ? { kind: "schema" } : { kind: "routine", name: rootSpec.name };
}

function pathSegments(path: string): string[] {
  const below = path.startsWith("/") ? path.slice(1) : path;
  return below === "" ? [] : below.split("/").map(decodeSegment);
}

function decodeSegment(segment: string): string {
  const decoded = decodePercent(segment);
  if (decoded === undefined || decoded.includes("\0")) throw invalidResourcePath();
  return decoded;
}

type ActionMaker<T> = (target: T) => Action;

const RELATION_ACTIONS: ReadonlyMap<string, ActionMaker<QualifiedIdentifier>> = new Map<string, ActionMaker<QualifiedIdentifier>>([
  ["HEAD", (target) => ({ kind: "relationRead", target, headersOnly: true })],
  ["GET", (target) => ({ kind: "relationRead", target, headersOnly: false })],
  ["POST", (target) => ({ kind: "relationMutate", target, mutation: "create" })],
  ["PUT", (target) => ({ kind: "relationMutate", target, mutation: "singleUpsert" })],
  ["PATCH", (target) => ({ kind: "relationMutate", target, mutation: "update" })],
  ["DELETE", (target) => ({ kind: "relationMutate", target, mutation: "delete" })],
  ["OPTIONS", (target) => ({ kind: "relationInfo", target })],
]);

const ROUTINE_ACTIONS: ReadonlyMap<string, ActionMaker<QualifiedIdentifier>> = new Map<string, ActionMaker<QualifiedIdentifier>>([
  ["HEAD", (target) => ({ kind: "routineCall", target, invoke: { kind: "read", headersOnly: true } })],
  ["GET", (target) => ({ kind: "routineCall", target, invoke: { kind: "read", headersOnly: false } })],
  ["POST", (target) => ({ kind: "routineCall", target, invoke: { kind: "write" } })],
  ["OPTIONS", (target) => ({ kind: "routineInfo", target })],
]);

const SCHEMA_ACTIONS: ReadonlyMap<string, ActionMaker<string>> = new Map<string, ActionMaker<string>>([
  ["HEAD", (schema) => ({ kind: "schemaRead", schema, headersOnly: true })],
  ["GET", (schema) => ({ kind: "schemaRead", schema, headersOnly: false })],
  ["OPTIONS", () => ({ kind: "schemaInfo" })],
]);

/** @throws BackendError PGRST101, PGRST117 for a method that the resource doesn't have */
export function resolveAction(resource: Resource, schema: string, method: string): Action {
  if (resource.kind === "schema") {
    const action = SCHEMA_ACTIONS.get(method);
    if (action === undefined) throw unsupportedMethod(method);
    return action(schema);
  }
  const action = (resource.kind === "relation" ? RELATION_ACTIONS : ROUTINE_ACTIONS).get(method);
  if (action === undefined) throw resource.kind === "relation" ? unsupportedMethod(method) : invalidRpcMethod(method);
  return action({ schema, name: resource.name });
}
