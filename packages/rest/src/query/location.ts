import { arrayText, type Parameters } from "./parameters.ts";

/** The key of a single inserted row as a JSON array of pairs, `[["id","eq.42"]]`; null for any other number of rows. */
export const locationSql = (source: string, primaryKey: readonly string[], parameters: Parameters): string =>
  `case when count(*) = 1 then (` +
  `select json_agg(json_build_array(pair.key, coalesce('eq.' || pair.value, 'is.null'))) ` +
  `from (select row_to_json(inserted) as object from ${source} as inserted limit 1) first_row, json_each_text(first_row.object) as pair ` +
  `where pair.key = any(${parameters.bind(arrayText(primaryKey))})) end`;
