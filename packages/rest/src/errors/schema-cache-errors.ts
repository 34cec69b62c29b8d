import { BackendError } from "@plinth/core";
import type { ErrorDefinition } from "@plinth/core";
import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";
import type { ColumnPair, ForeignKeyRelationship, Relationship } from "../schema-cache/relationship.ts";
import type { Routine } from "../schema-cache/routine.ts";

/**
 * What a request names and the schema cache doesn't know, or knows more than one of; group PGRST2xx:
 * https://docs.postgrest.org/en/stable/references/errors.html
 */
export const SCHEMA_CACHE_ERRORS = {
  relationshipNotFound: { code: "PGRST200", status: 400, message: "Could not find a relationship in the schema cache" },
  ambiguousRelationships: { code: "PGRST201", status: 300, message: "Could not embed because more than one relationship was found" },
  routineNotFound: { code: "PGRST202", status: 404, message: "Could not find the function in the schema cache" },
  ambiguousRoutines: {
    code: "PGRST203",
    status: 300,
    message: "Could not choose the best candidate function",
    hint: "Try renaming the parameters or the function itself in the database so function overloading can be resolved",
  },
  columnNotFound: { code: "PGRST204", status: 400, message: "Could not find the column in the schema cache" },
  tableNotFound: { code: "PGRST205", status: 404, message: "Could not find the table in the schema cache" },
} as const satisfies Record<string, ErrorDefinition>;

export interface MissingRelationship {
  readonly schema: string;
  readonly origin: string;
  readonly target: string;
  /** `target!hint` */
  readonly hint: string | undefined;
}

export function relationshipNotFound({ schema, origin, target, hint }: MissingRelationship, suggestion: string | null): BackendError {
  const usingHint = hint === undefined ? "" : ` using the hint '${hint}'`;
  return new BackendError(SCHEMA_CACHE_ERRORS.relationshipNotFound, {
    message: `Could not find a relationship between '${origin}' and '${target}' in the schema cache`,
    details: `Searched for a foreign key relationship between '${origin}' and '${target}'${usingHint} in the schema '${schema}', but no matches were found.`,
    hint: suggestion,
  });
}

export function ambiguousRelationships(origin: string, target: string, relationships: readonly Relationship[]): BackendError {
  const hints = relationships.map((relationship) => (relationship.kind === "computed" ? "" : disambiguated(relationship)));
  return new BackendError(SCHEMA_CACHE_ERRORS.ambiguousRelationships, {
    message: `Could not embed because more than one relationship was found for '${origin}' and '${target}'`,
    details: relationships.map((relationship) => (relationship.kind === "computed" ? {} : described(relationship))),
    hint: `Try changing '${target}' to one of the following: ${hints.join(", ")}. Find the desired relationship in the 'details' key.`,
  });
}

const CARDINALITY_NAMES = { O2M: "one-to-many", M2O: "many-to-one", O2O: "one-to-one", M2M: "many-to-many" } as const;

function described(relationship: ForeignKeyRelationship): { cardinality: string; embedding: string; relationship: string } {
  const { table, foreignTable, cardinality } = relationship;
  return {
    cardinality: CARDINALITY_NAMES[cardinality.kind],
    embedding: `${table.name} with ${foreignTable.name}`,
    relationship: joinDescription(relationship),
  };
}

function joinDescription({ table, foreignTable, cardinality }: ForeignKeyRelationship): string {
  if (cardinality.kind !== "M2M") {
    return `${cardinality.constraint} using ${table.name}${columnList(cardinality.columns, 0)} and ${foreignTable.name}${columnList(cardinality.columns, 1)}`;
  }
  const { junction } = cardinality;
  return `${junction.table.name} using ${junction.constraint1}${columnList(junction.sourceColumns, 1)} and ${junction.constraint2}${columnList(junction.targetColumns, 1)}`;
}

const columnList = (columns: readonly ColumnPair[], side: 0 | 1): string => `(${columns.map((pair) => pair[side]).join(", ")})`;

function disambiguated({ foreignTable, cardinality }: ForeignKeyRelationship): string {
  return `'${foreignTable.name}!${cardinality.kind === "M2M" ? cardinality.junction.table.name : cardinality.constraint}'`;
}

export interface MissingRoutine {
  readonly target: QualifiedIdentifier;
  /** Names of the arguments given, sorted. */
  readonly names: readonly string[];
  readonly searched: SearchedSignature;
  readonly hint: string | null;
}

/** Which parameters a routine might have had: the named ones, or a single unnamed one for the body. */
export type SearchedSignature = { readonly kind: "named" | "namedOrJson" } | { readonly kind: "unnamed"; readonly type: string };

export function routineNotFound({ target, names, searched, hint }: MissingRoutine): BackendError {
  const routine = `${target.schema}.${target.name}`;
  const shown = searched.kind === "unnamed" ? "" : names.length === 0 ? " without parameters" : `(${names.join(", ")})`;
  return new BackendError(SCHEMA_CACHE_ERRORS.routineNotFound, {
    message: `Could not find the function ${routine}${shown} in the schema cache`,
    details: `Searched for the function ${routine}${searchedParameters(names, searched)}, but no matches were found in the schema cache.`,
    hint,
  });
}

function searchedParameters(names: readonly string[], searched: SearchedSignature): string {
  if (searched.kind === "unnamed") return ` with a single unnamed ${searched.type} parameter`;
  const named = names.length === 0 ? " without parameters" : ` with parameter${names.length > 1 ? "s" : ""} ${names.join(", ")}`;
  return searched.kind === "namedOrJson" ? `${named} or with a single unnamed json/jsonb parameter` : named;
}

export function ambiguousRoutines(routines: readonly Routine[]): BackendError {
  const signatures = routines.map(({ schema, name, params }) => `${schema}.${name}(${params.map((param) => `${param.name} => ${param.type}`).join(", ")})`);
  return new BackendError(SCHEMA_CACHE_ERRORS.ambiguousRoutines, {
    message: `Could not choose the best candidate function between: ${signatures.join(", ")}`,
  });
}

export function columnNotFound(table: string, column: string): BackendError {
  return new BackendError(SCHEMA_CACHE_ERRORS.columnNotFound, { message: `Could not find the '${column}' column of '${table}' in the schema cache` });
}

export function tableNotFound({ schema, name }: QualifiedIdentifier, suggestion: string | null): BackendError {
  return new BackendError(SCHEMA_CACHE_ERRORS.tableNotFound, {
    message: `Could not find the table '${schema}.${name}' in the schema cache`,
    hint: suggestion,
  });
}
