import type { MediaType } from "../media-type/media-type.ts";
import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";
import type { Preferences } from "./preferences.ts";
import type { QueryParams } from "./query-params.ts";
import type { RowRange } from "./row-range.ts";

/** What the client wants, in the field's terms: no schema and no database was looked at yet. */
export interface ApiRequest {
  readonly action: Action;
  readonly method: string;
  /** Path below the service's prefix, decoded no further than sent. */
  readonly path: string;
  /** The exposed schema the request is for. */
  readonly schema: string;
  /** True when the schema was negotiated (a profile header, or several exposed schemas): it is then echoed in Content-Profile. */
  readonly negotiatedByProfile: boolean;
  readonly queryParams: QueryParams;
  /** Rows asked for of the top level: limit, offset and, on GET, the Range header. */
  readonly topLevelRange: RowRange;
  /** By embed path joined with "."; "limit" holds the top level's: see QueryParams.ranges. */
  readonly ranges: ReadonlyMap<string, RowRange>;
  readonly payload: Payload | undefined;
  /** `columns=`, else the payload's keys. */
  readonly columns: ReadonlySet<string>;
  readonly preferences: Preferences;
  /** In the client's order of preference. */
  readonly accept: readonly MediaType[];
  readonly contentType: MediaType;
  /** Lower-case names, without Cookie: what `request.headers` is set to. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly cookies: ReadonlyArray<readonly [name: string, value: string]>;
}

export type Action =
  | { readonly kind: "relationRead"; readonly target: QualifiedIdentifier; readonly headersOnly: boolean }
  | { readonly kind: "relationMutate"; readonly target: QualifiedIdentifier; readonly mutation: Mutation }
  | { readonly kind: "routineCall"; readonly target: QualifiedIdentifier; readonly invoke: Invoke }
  | { readonly kind: "schemaRead"; readonly schema: string; readonly headersOnly: boolean }
  | { readonly kind: "relationInfo"; readonly target: QualifiedIdentifier }
  | { readonly kind: "routineInfo"; readonly target: QualifiedIdentifier }
  | { readonly kind: "schemaInfo" };

export type Mutation = "create" | "update" | "delete" | "singleUpsert";

/** GET and HEAD read; POST may write. */
export type Invoke = { readonly kind: "read"; readonly headersOnly: boolean } | { readonly kind: "write" };

/** A body, kept as the text it came as: PostgreSQL parses it, once. */
export type Payload =
  /** JSON whose keys are known and equal in all its objects. */
  | { readonly kind: "json"; readonly raw: string; readonly keys: ReadonlySet<string> }
  | { readonly kind: "urlEncoded"; readonly pairs: ReadonlyArray<readonly [string, string]>; readonly keys: ReadonlySet<string> }
  /** JSON whose keys nobody needs: `columns=` was given, or it goes to one json parameter. */
  | { readonly kind: "rawJson"; readonly raw: string }
  /** Any other body, for a function of one unnamed parameter; `bytea` bodies as `\x` hex text. */
  | { readonly kind: "raw"; readonly raw: string };
