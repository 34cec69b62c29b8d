import { mediaTypeName } from "../media-type/media-type-name.ts";

const JSON_TYPE = mediaTypeName({ kind: "json" });

/** What a routine's result can be had as. */
export const ROUTINE_TYPES: readonly string[] = [
  JSON_TYPE,
  mediaTypeName({ kind: "singular", stripNulls: true }),
  mediaTypeName({ kind: "singular", stripNulls: false }),
];

/** What rows are read and written as. */
export const ROW_TYPES: readonly string[] = [...ROUTINE_TYPES, mediaTypeName({ kind: "csv" })];

/** What the document itself can be had as. */
export const DOCUMENT_TYPES: readonly string[] = [mediaTypeName({ kind: "openapi" }), JSON_TYPE];
