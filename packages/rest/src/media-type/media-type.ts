/** A media type as PostgREST tells them apart. Vendored ones carry parameters and can't be overridden. */
export type MediaType =
  | { readonly kind: "json" }
  | { readonly kind: "geojson" }
  | { readonly kind: "csv" }
  | { readonly kind: "text" }
  | { readonly kind: "xml" }
  | { readonly kind: "openapi" }
  | { readonly kind: "urlencoded" }
  | { readonly kind: "octet-stream" }
  | { readonly kind: "any" }
  | { readonly kind: "other"; readonly mime: string }
  /** application/vnd.pgrst.object */
  | { readonly kind: "singular"; readonly stripNulls: boolean }
  /** application/vnd.pgrst.array with nulls=stripped */
  | { readonly kind: "arrayStrip" }
  /** application/vnd.pgrst.plan */
  | { readonly kind: "plan"; readonly for: MediaType; readonly format: "text" | "json"; readonly options: readonly PlanOption[] };

export type PlanOption = "analyze" | "verbose" | "settings" | "buffers" | "wal";
