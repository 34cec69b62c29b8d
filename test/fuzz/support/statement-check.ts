import type { SchemaCache } from "../../../packages/rest/src/schema-cache/schema-cache.ts";
import type { Statement } from "@plinth/core";
import { MARKED_NUMBER, MARKED_WORD } from "./values.ts";

/** All that the query builders write without quotes, besides types and defaults of the catalogs. */
const WORDS = `select from where and or not is null true false unknown distinct as on in any all case when then else end limit offset order by asc desc nulls first last group
  with insert into values returning update set delete conflict do nothing excluded inner left join lateral cross exists variadic explain format json text analyze verbose settings buffers wal
  like ilike count sum avg max min cast coalesce nullif ST_AsGeoJSON json_agg row_to_json json_build_object json_build_array to_json to_jsonb json_strip_nulls json_object_keys json_each_text json_to_record json_to_recordset
  jsonb_to_record jsonb_build_object jsonb_array_elements json_array_elements string_agg substring length current_setting set_config unnest jsonb int to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery
  _plinth_t pgrst_body pgrst_raw pgrst_scalar pgrst_call pgrst_rows pgrst_element pgrst_object pgrst_defaults pgrst_counted
  xmax pair key value inserted object first_row k r h f n row_number over`;

const QUOTED = /"(?:[^"]|"")*"|E?'(?:[^']|'')*'/g;
const CAST = / as [\p{L}_][\p{L}\p{N}_ ]*\)/gu;
const BARE = /[A-Za-z_][\w$]*/g;
const HARMLESS = /^[\w\s(),.:$<>=@&|~*+\-[\]]*$/;

export type StatementCheck = (statement: Statement, plain: boolean) => string | undefined;

/** @returns what is wrong with a statement's text or parameters, if anything is */
export function statementCheck(cache: SchemaCache): StatementCheck {
  const known = new Set([...WORDS.split(/\s+/), ...catalogWords(cache)]);
  return ({ sql, parameters }, plain) => {
    if (plain && (sql.includes(MARKED_WORD) || sql.includes(MARKED_NUMBER))) return "has a value in its text";
    let literal: string | undefined;
    const bare = sql.replace(QUOTED, (quoted) => {
      if (quoted.endsWith("'") && hasMark(quoted)) literal = quoted;
      return "";
    });
    if (literal !== undefined) return `has the client's text in a string constant: ${literal}`;
    const withoutCasts = bare.replace(CAST, ")");
    if (!HARMLESS.test(withoutCasts) || withoutCasts.includes("--")) return `has other characters outside of quotes: ${withoutCasts}`;
    for (const [word] of withoutCasts.matchAll(BARE)) if (!known.has(word)) return `has the word ${word} outside of quotes`;
    return parametersProblem(withoutCasts, parameters);
  };
}

const hasMark = (quoted: string): boolean => quoted.includes(MARKED_WORD) || quoted.includes(MARKED_NUMBER) || quoted.includes("AL1AS");

function parametersProblem(bare: string, parameters: readonly unknown[]): string | undefined {
  let used = 0;
  for (const [, digits] of bare.matchAll(/\$(\d+)/g)) used = Math.max(used, Number(digits));
  if (used !== parameters.length) return `uses ${used} parameters and has ${parameters.length}`;
  return parameters.every((value) => value === null || typeof value === "string") ? undefined : "has a parameter that is no text";
}

function catalogWords(cache: SchemaCache): string[] {
  const texts: Array<string | null> = [];
  for (const { columns } of cache.tables.values()) for (const column of columns.values()) texts.push(column.type, column.nominalType, column.default);
  for (const routine of [...cache.routines.values()].flat()) for (const param of routine.params) texts.push(param.type, param.typeMaxLength);
  return texts.flatMap((text) => text?.match(BARE) ?? []);
}
