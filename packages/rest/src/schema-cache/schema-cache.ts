import type { ResolvedHandler } from "./media-handler.ts";
import type { Relationship } from "./relationship.ts";
import type { Routine } from "./routine.ts";
import type { Table } from "./table.ts";

/**
 * What the planner knows of a project's database: a snapshot, replaced as a whole when the schema changes.
 * Everything the catalogs say about the exposed schemas, read once.
 */
export interface SchemaCache {
  /** By `identifierKey`. Tables and views of the exposed schemas, without partitions. */
  readonly tables: ReadonlyMap<string, Table>;
  /** By `relationshipKey`. Relationships between tables, through views, and computed ones. */
  readonly relationships: ReadonlyMap<string, readonly Relationship[]>;
  /** By `identifierKey`; overloads in the order they are tried in, fewest parameters first. */
  readonly routines: ReadonlyMap<string, readonly Routine[]>;
  /** Casts that stand for a data representation, by `representationKey`. */
  readonly representations: ReadonlyMap<string, DataRepresentation>;
  /** By `mediaHandlerKey`. */
  readonly mediaHandlers: ReadonlyMap<string, ResolvedHandler>;
  /** `server_version_num`, e.g. 150018. */
  readonly serverVersion: number;
}

/** https://docs.postgrest.org/en/stable/references/api/domain_representations.html */
export interface DataRepresentation {
  readonly sourceType: string;
  readonly targetType: string;
  /** The cast's function, quoted and qualified. */
  readonly function: string;
}

export const representationKey = (sourceType: string, targetType: string): string => `${sourceType}\0${targetType}`;
