import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import { type DatabaseType, isRowOfRelation } from "../model/database-type.ts";
import type { RoutineModel } from "../model/schema-model.ts";
import { arrayOf, indented, literal, objectType, shortObjectType } from "../source-text.ts";
import { type JsonValues, rowOf } from "./json-value.ts";

/** A function's overloads: a union of what each takes and returns. */
export function routineType(overloads: readonly RoutineModel[], values: JsonValues): string {
  const signatures = overloads.map((routine) => signatureType(routine, values, ambiguity(routine, overloads) ?? notCallable(routine)));
  return signatures.length === 1 ? (signatures[0] as string) : `\n${signatures.map((signature) => `| ${indented(signature)}`).join("\n")}`.replaceAll("\n", "\n  ");
}

function signatureType(routine: RoutineModel, values: JsonValues, error: string | undefined): string {
  const { parameters } = routine;
  const args = parameters.map(({ name, type, optional }) => ({ name, optional, type: values.plain(type) }));
  const relation = error === undefined ? setofOptions(routine) : undefined;
  return objectType([
    { name: "Args", type: args.length === 0 ? "never" : shortObjectType(args) },
    { name: "Returns", type: error === undefined ? returnType(routine, values) : `{ error: true } & ${literal(error)}` },
    ...(relation === undefined ? [] : [{ name: "SetofOptions", type: relation }]),
  ]);
}

/** supabase-js makes an array again of rows that are expected to be one, where `SetofOptions` says of which relation. */
function returnType(routine: RoutineModel, values: JsonValues): string {
  const { setOf, isSingleRow, returnedRelation } = routine;
  const one = rowType(routine, values);
  return setOf && !(isSingleRow && returnedRelation !== undefined) ? arrayOf(one) : one;
}

/** A relation's columns are written out: `Row` has those that are computed, too, and these aren't returned unasked. */
function rowType({ columns, returns }: RoutineModel, values: JsonValues): string {
  if (columns.length > 0) return objectType(columns.map(({ name, type }) => ({ name, type: values.plain(type) })));
  return isRowOfRelation(returns) ? rowOf(returns, values.read) : values.plain(returns);
}

function setofOptions({ columns, schema, rowOf: source, returnedRelation, isSingleRow, setOf }: RoutineModel): string | undefined {
  if (returnedRelation === undefined || columns.length > 0) return undefined;
  return objectType([
    { name: "from", type: literal(source?.schema === schema ? source.name : "*") },
    { name: "to", type: literal(returnedRelation) },
    { name: "isOneToOne", type: String(isSingleRow) },
    { name: "isSetofReturn", type: String(setOf) },
  ]);
}

/** A request chooses among overloads by the names of arguments alone: one whose every call could be another's can't be called. */
function ambiguity(routine: RoutineModel, overloads: readonly RoutineModel[]): string | undefined {
  if (routine.rowOf !== undefined || routine.parameters.some(({ name }) => name === "")) return undefined;
  const covering = overloads.filter((other) => other !== routine && takesCallsOf(other, routine));
  if (covering.length === 0) return undefined;
  const candidates = overloads.filter((other) => other === routine || covering.includes(other));
  return `Could not choose the best candidate function between: ${candidates.map(shown).join(", ")}. Try renaming the parameters or the function itself in the database so function overloading can be resolved`;
}

function takesCallsOf({ parameters }: RoutineModel, routine: RoutineModel): boolean {
  const names = new Set(parameters.map(({ name }) => name));
  const always = new Set(routine.parameters.filter(({ optional }) => !optional).map(({ name }) => name));
  return routine.parameters.every(({ name }) => names.has(name)) && parameters.every(({ name, optional }) => optional || always.has(name));
}

const shown = ({ schema, name, parameters }: RoutineModel): string => `${schema}.${name}(${parameters.map((parameter) => `${parameter.name} => ${typeName(parameter.type)}`).join(", ")})`;

function typeName(type: DatabaseType): string {
  return type.kind === "array" ? `${typeName(type.element)}[]` : type.name;
}

/** A function of a nameless row can be selected or embedded, but given no row by a request. */
function notCallable({ schema, name, parameters, rowOf: source, returnedRelation }: RoutineModel): string | undefined {
  if (source === undefined || parameters[0]?.name !== "" || returnedRelation !== undefined) return undefined;
  return `The function ${schema}.${name} is a computed field of ${relationName(source, schema)}: select it there`;
}

const relationName = (relation: QualifiedIdentifier, schema: string): string => (relation.schema === schema ? relation.name : `${relation.schema}.${relation.name}`);
