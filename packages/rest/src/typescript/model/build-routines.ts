import type { Oid } from "../../schema-cache/catalog/catalog-rows.ts";
import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import type { TypeCatalogRows, TypedParameterRow, TypedRoutineRow } from "../catalog/type-catalog-rows.ts";
import { byName, compareText } from "./by-name.ts";
import type { DatabaseType } from "./database-type.ts";
import type { ParameterModel, RoutineModel } from "./schema-model.ts";
import type { TypeResolver } from "./type-resolver.ts";

/** The functions that a request can call or embed, by name; overloads by their parameters. */
export function buildRoutines(rows: TypeCatalogRows, types: TypeResolver): readonly RoutineModel[] {
  const relations = new Map(rows.tables.map((row) => [row.id, row]));
  const exposed = (type: Oid): QualifiedIdentifier | undefined => relations.get(types.relationOf(type) ?? "");
  return rows.routines.flatMap((row) => buildRoutine(row, types, exposed) ?? []).toSorted((a, b) => byName(a, b) || compareText(signature(a), signature(b)));
}

/** pg_proc.proargmodes */
const INPUTS: ReadonlySet<string> = new Set(["i", "b", "v"]);
const OUTPUTS: ReadonlySet<string> = new Set(["o", "b", "t"]);

/** Types of an only parameter without a name that the request body is given as. */
const BODY_TYPES: ReadonlySet<string> = new Set(["json", "jsonb", "text", "bytea", "xml"]);

function buildRoutine(row: TypedRoutineRow, types: TypeResolver, exposed: (type: Oid) => QualifiedIdentifier | undefined): RoutineModel | undefined {
  const inputs = row.parameters.filter(({ mode }) => INPUTS.has(mode));
  const rowOf = inputs.length === 1 && inputs[0] ? exposed(inputs[0].type) : undefined;
  const parameters = callable(inputs, types, rowOf !== undefined);
  if (parameters === undefined) return undefined;
  const columns = row.parameters.filter(({ mode }) => OUTPUTS.has(mode)).map((parameter, index) => ({ name: parameter.name || `column${index + 1}`, type: types.resolve(parameter.type) }));
  const returns = types.resolve(row.returns);
  return { schema: row.schema, name: row.name, parameters, returns, columns, setOf: row.setOf, isSingleRow: !row.setOf || row.rows <= 1, returnedRelation: returnedRelation(row, returns, exposed(row.returns)), rowOf };
}

/** @returns undefined where no request could give it its arguments */
function callable(inputs: readonly TypedParameterRow[], types: TypeResolver, takesRow: boolean): readonly ParameterModel[] | undefined {
  const parameters = inputs.map(({ name, type, hasDefault }): ParameterModel => ({ name, type: types.resolve(type), optional: hasDefault }));
  const named = parameters.filter(({ name }) => name !== "");
  if (named.length === parameters.length) return parameters;
  const [only] = parameters;
  if (parameters.length === 1 && only) return takesRow || isBodyType(only.type) ? parameters : undefined;
  return named.length > 0 && parameters.every(({ name, optional }) => name !== "" || optional) ? named : undefined;
}

const isBodyType = (type: DatabaseType): boolean => type.kind === "base" && type.isBuiltIn && BODY_TYPES.has(type.name);

function returnedRelation({ schema }: TypedRoutineRow, returns: DatabaseType, relation: QualifiedIdentifier | undefined): string | undefined {
  if (relation !== undefined) return relation.schema === schema ? relation.name : undefined;
  return returns.kind === "composite" && returns.schema === schema ? returns.name : undefined;
}

const signature = ({ parameters, returns }: RoutineModel): string => JSON.stringify([...parameters.map(({ name, type }) => [name, type]), returns]);
