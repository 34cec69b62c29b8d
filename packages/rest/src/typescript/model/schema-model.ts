import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import type { CompositeType, DatabaseType, EnumType } from "./database-type.ts";

/** What is written down of one schema. Everything is sorted by name. */
export interface SchemaModel {
  readonly name: string;
  readonly tables: readonly RelationModel[];
  readonly views: readonly RelationModel[];
  readonly routines: readonly RoutineModel[];
  readonly enums: readonly EnumType[];
  readonly composites: readonly CompositeType[];
}

export interface RelationModel extends QualifiedIdentifier {
  readonly isView: boolean;
  readonly insertable: boolean;
  readonly updatable: boolean;
  readonly columns: readonly ColumnModel[];
  /** Functions of a row that can be selected like columns, by name. */
  readonly computed: readonly ComputedColumn[];
  readonly relationships: readonly RelationshipModel[];
}

export interface ColumnModel {
  readonly name: string;
  readonly type: DatabaseType;
  readonly nullable: boolean;
  /** May be left out of INSERT. */
  readonly optional: boolean;
  readonly insertable: boolean;
  readonly updatable: boolean;
}

export interface ComputedColumn {
  readonly name: string;
  readonly type: DatabaseType;
}

/** A foreign key, from its relation or from a view that shows its columns. */
export interface RelationshipModel {
  readonly constraint: string;
  readonly columns: readonly string[];
  readonly isOneToOne: boolean;
  readonly target: string;
  readonly targetColumns: readonly string[];
}

/** A function as it is called or embedded; overloads are several of them. */
export interface RoutineModel extends QualifiedIdentifier {
  readonly parameters: readonly ParameterModel[];
  readonly returns: DatabaseType;
  /** Of `RETURNS TABLE`, or of OUT parameters. */
  readonly columns: readonly Omit<ParameterModel, "optional">[];
  readonly setOf: boolean;
  /** The planner expects one row at most. */
  readonly isSingleRow: boolean;
  /** The relation, or composite type, of this schema whose rows it returns. */
  readonly returnedRelation: string | undefined;
  /** Its only parameter is a row of this relation. */
  readonly rowOf: QualifiedIdentifier | undefined;
}

export interface ParameterModel {
  /** "" for the one that the whole request body is. */
  readonly name: string;
  readonly type: DatabaseType;
  readonly optional: boolean;
}
