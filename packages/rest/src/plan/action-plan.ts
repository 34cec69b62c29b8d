import type { MediaType } from "../media-type/media-type.ts";
import type { Invoke, Mutation } from "../request/api-request.ts";
import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";
import type { MediaHandler } from "../schema-cache/media-handler.ts";
import type { Routine } from "../schema-cache/routine.ts";
import type { Table } from "../schema-cache/table.ts";
import type { CallPlan } from "./call-plan.ts";
import type { MutatePlan } from "./mutate-plan.ts";
import type { ReadPlan } from "./read-plan.ts";

/** What will be done, before any SQL is written. */
export type ActionPlan = CrudPlan | InspectPlan | InfoPlan;

export type CrudPlan = ReadActionPlan | MutateActionPlan | CallActionPlan;

interface CrudBase {
  readonly readPlan: ReadPlan;
  readonly handler: MediaHandler;
  readonly mediaType: MediaType;
  readonly target: QualifiedIdentifier;
  /** The transaction's access mode. */
  readonly readOnly: boolean;
}

export interface ReadActionPlan extends CrudBase {
  readonly kind: "read";
  readonly headersOnly: boolean;
}

export interface MutateActionPlan extends CrudBase {
  readonly kind: "mutate";
  readonly mutatePlan: MutatePlan;
  readonly mutation: Mutation;
}

export interface CallActionPlan extends CrudBase {
  readonly kind: "call";
  readonly callPlan: CallPlan;
  readonly routine: Routine;
  readonly invoke: Invoke;
}

/** The OpenAPI document of a schema. */
export interface InspectPlan {
  readonly kind: "inspect";
  readonly schema: string;
  readonly headersOnly: boolean;
}

/** OPTIONS: answered without the database. */
export type InfoPlan =
  | { readonly kind: "relationInfo"; readonly target: QualifiedIdentifier; readonly table: Table }
  | { readonly kind: "routineInfo"; readonly routine: Routine }
  | { readonly kind: "schemaInfo" };
