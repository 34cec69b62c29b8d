import type { Routine } from "../schema-cache/routine.ts";
import { returnsScalar, returnsSetOfScalar, returnsSingleComposite } from "../schema-cache/routine.ts";
import type { MediaHandler } from "../schema-cache/media-handler.ts";
import { SCALAR_COLUMN } from "./call.ts";
import type { ResultColumn } from "./result-columns.ts";
import { quoteQualified } from "../sql/identifier.ts";

/** The rows that the body is made of; a name that no column has, as json_agg() of it must mean the whole row. */
export const ROWS = "_plinth_t";

/** The rows as a CTE, for CSV: its header is taken from the first of them. */
const CSV_ROWS = "pgrst_rows";

/** How the rows that `bodyColumn` aggregates get into FROM. `item` is a SELECT in parentheses, or the name of a CTE. */
export function fromRows(handler: MediaHandler, item: string): { readonly ctes: readonly string[]; readonly from: string } {
  if (handler.kind !== "csv") return { ctes: [], from: `from ${item} as ${ROWS}` };
  return { ctes: [`${CSV_ROWS} as (select * from ${item} as ${ROWS})`], from: `from ${CSV_ROWS} as ${ROWS}` };
}

type HandlerSql<H extends MediaHandler> = (handler: H, routine: Routine | undefined) => string;

const HANDLERS: { readonly [K in MediaHandler["kind"]]: HandlerSql<Extract<MediaHandler, { kind: K }>> } = {
  json: (_handler, routine) => jsonSql(routine, false),
  arrayJsonStrip: (_handler, routine) => jsonSql(routine, true),
  singleJson: ({ stripNulls }, routine) => singleSql(routine !== undefined && returnsScalar(routine), stripNulls),
  geoJson: () => `json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(ST_AsGeoJSON(${ROWS})::json), '[]'))`,
  csv: () => `${CSV_HEADER} || E'\\n' || ${CSV_LINES}`,
  custom: customSql,
  none: () => "''",
};

/**
 * The aggregate over the rows that is the response's body. `routine` is that of a call. Bytes come in base64, since
 * what PostgreSQL writes a bytea as depends on settings.
 */
export function bodyColumn(handler: MediaHandler, routine: Routine | undefined): ResultColumn {
  const sql = (HANDLERS[handler.kind] as HandlerSql<MediaHandler>)(handler, routine);
  return handler.kind === "custom" && handler.binary ? ["encodedBody", `encode(${sql}, 'base64')`] : ["body", sql];
}

const rowsOrScalars = (scalars: boolean): string => (scalars ? `${ROWS}.${SCALAR_COLUMN}` : ROWS);

const strip = (json: string, stripNulls: boolean): string => (stripNulls ? `json_strip_nulls(${json})` : json);

function jsonSql(routine: Routine | undefined, stripNulls: boolean): string {
  if (routine && (returnsScalar(routine) || returnsSingleComposite(routine))) return singleSql(returnsScalar(routine), stripNulls);
  const scalars = routine !== undefined && returnsSetOfScalar(routine);
  return `coalesce(${strip(`json_agg(${rowsOrScalars(scalars)})`, stripNulls)}, '[]')`;
}

/**
 * The only row as an object. Another number of rows is refused before anybody reads this;
 * string_agg() spares the detour of an array that would be parsed again for its first element.
 */
function singleSql(scalar: boolean, stripNulls: boolean): string {
  const json = scalar ? `to_json(${rowsOrScalars(true)})` : `row_to_json(${ROWS})`;
  return `coalesce(string_agg(${strip(json, stripNulls)}::text, ','), 'null')`;
}

const CSV_HEADER =
  `(select coalesce(string_agg(k, ','), '') from ` +
  `(select json_object_keys(r) as k from (select row_to_json(h) as r from ${CSV_ROWS} as h limit 1) f) n)`;

/** A row's text form without its parentheses is a CSV line. */
const CSV_LINES = `coalesce(string_agg(substring(${ROWS}::text, 2, length(${ROWS}::text) - 2), E'\\n'), '')`;

function customSql(handler: Extract<MediaHandler, { kind: "custom" }>, routine: Routine | undefined): string {
  const name = quoteQualified(handler.function);
  if (routine && returnsScalar(routine)) return `${name}(${rowsOrScalars(true)})`;
  return `${name}(${ROWS}${handler.relation ? `::${quoteQualified(handler.relation)}` : ""})`;
}
