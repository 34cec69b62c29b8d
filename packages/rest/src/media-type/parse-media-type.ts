import type { MediaType, PlanOption } from "./media-type.ts";

type Parameters = ReadonlyMap<string, string>;

/** By lower-case name: what a type with these parameters is. */
const KNOWN: ReadonlyMap<string, (parameters: Parameters) => MediaType> = new Map<string, (parameters: Parameters) => MediaType>([
  ["application/json", () => ({ kind: "json" })],
  ["application/geo+json", () => ({ kind: "geojson" })],
  ["text/csv", () => ({ kind: "csv" })],
  ["text/plain", () => ({ kind: "text" })],
  ["text/xml", () => ({ kind: "xml" })],
  ["application/openapi+json", () => ({ kind: "openapi" })],
  ["application/x-www-form-urlencoded", () => ({ kind: "urlencoded" })],
  ["application/octet-stream", () => ({ kind: "octet-stream" })],
  ["application/vnd.pgrst.plan", (parameters) => plan("text", parameters)],
  ["application/vnd.pgrst.plan+text", (parameters) => plan("text", parameters)],
  ["application/vnd.pgrst.plan+json", (parameters) => plan("json", parameters)],
  ["application/vnd.pgrst.object+json", singular],
  ["application/vnd.pgrst.object", singular],
  ["application/vnd.pgrst.array+json", array],
  ["application/vnd.pgrst.array", array],
  ["*/*", () => ({ kind: "any" })],
]);

/** A Content-Type, or one type of an Accept header. What isn't known, or malformed, is an "other" under its whole text. */
export function parseMediaType(text: string): MediaType {
  const simple = KNOWN.get(text);
  if (simple !== undefined) return simple(NO_PARAMETERS);
  const name = TYPE.exec(text)?.[0];
  const known = name === undefined ? undefined : KNOWN.get(name.toLowerCase());
  return known === undefined ? { kind: "other", mime: text } : known(parseParameters(text, name?.length ?? 0));
}

const NO_PARAMETERS: Parameters = new Map();
const TYPE = /^[\p{L}\p{N}.*]+\/[\p{L}\p{N}.*+-]+/u;
const PARAMETER = /\s*;\s*([\p{L}\p{N}-]+)\s*=\s*(?:"([^"]*)"|([\p{L}\p{N}|-]+))/uy;

/** Up to the first one that is malformed. */
function parseParameters(text: string, offset: number): Parameters {
  const parameters = new Map<string, string>();
  const pattern = new RegExp(PARAMETER);
  pattern.lastIndex = offset;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    parameters.set((found[1] ?? "").toLowerCase(), found[2] ?? found[3] ?? "");
  }
  return parameters;
}

const PLAN_OPTIONS: readonly PlanOption[] = ["analyze", "verbose", "settings", "buffers", "wal"];

function plan(format: "text" | "json", parameters: Parameters): MediaType {
  const asked = parameters.get("options")?.split("|") ?? [];
  return {
    kind: "plan",
    for: parseMediaType(parameters.get("for") ?? "application/json"),
    format,
    options: PLAN_OPTIONS.filter((option) => asked.includes(option)),
  };
}

function singular(parameters: Parameters): MediaType {
  return { kind: "singular", stripNulls: parameters.get("nulls") === "stripped" };
}

function array(parameters: Parameters): MediaType {
  return parameters.get("nulls") === "stripped" ? { kind: "arrayStrip" } : { kind: "json" };
}
