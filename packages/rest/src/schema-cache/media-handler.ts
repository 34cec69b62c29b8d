import type { MediaType } from "../media-type/media-type.ts";
import type { QualifiedIdentifier } from "./identifiers.ts";

/** How rows become a body: built in, or an aggregate or function of the database. */
export type MediaHandler =
  | { readonly kind: "singleJson"; readonly stripNulls: boolean }
  | { readonly kind: "arrayJsonStrip" }
  | { readonly kind: "json" }
  | { readonly kind: "geoJson" }
  | { readonly kind: "csv" }
  /** `relation` undefined: takes anyelement. `binary`: gives a bytea. */
  | { readonly kind: "custom"; readonly function: QualifiedIdentifier; readonly relation: QualifiedIdentifier | undefined; readonly binary: boolean }
  | { readonly kind: "none" };

/** The media type comes along because that of an `*\/*` handler is only known once it is found. */
export interface ResolvedHandler {
  readonly handler: MediaHandler;
  readonly mediaType: MediaType;
}

/** Key of `SchemaCache.mediaHandlers`; relation undefined for handlers of anyelement. */
export const mediaHandlerKey = (relation: QualifiedIdentifier | undefined, mime: string): string =>
  `${relation ? `${relation.schema}\0${relation.name}` : ""}\0${mime}`;
