import type { MediaType } from "./media-type.ts";

const NAMES: { readonly [K in MediaType["kind"]]: (mediaType: Extract<MediaType, { kind: K }>) => string } = {
  json: () => "application/json",
  geojson: () => "application/geo+json",
  csv: () => "text/csv",
  text: () => "text/plain",
  xml: () => "text/xml",
  openapi: () => "application/openapi+json",
  urlencoded: () => "application/x-www-form-urlencoded",
  "octet-stream": () => "application/octet-stream",
  any: () => "*/*",
  other: ({ mime }) => mime,
  singular: ({ stripNulls }) => `application/vnd.pgrst.object+json${stripNulls ? ";nulls=stripped" : ""}`,
  arrayStrip: () => "application/vnd.pgrst.array+json;nulls=stripped",
  plan: (plan) => {
    const options = plan.options.length === 0 ? "" : `; options=${plan.options.join("|")}`;
    return `application/vnd.pgrst.plan+${plan.format}; for="${mediaTypeName(plan.for)}"${options}`;
  },
};

/** With its parameters, without a charset: `application/vnd.pgrst.plan+json; for="text/csv"; options=analyze`. */
export function mediaTypeName(mediaType: MediaType): string {
  const name = NAMES[mediaType.kind] as (mediaType: MediaType) => string;
  return name(mediaType);
}

/** The Content-Type header of a body of this type, which is UTF-8 where it is text. */
export function contentTypeHeader(mediaType: MediaType): string {
  const name = mediaTypeName(mediaType);
  return mediaType.kind === "octet-stream" || mediaType.kind === "other" ? name : `${name}; charset=utf-8`;
}
