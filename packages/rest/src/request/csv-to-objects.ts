import { parse } from "csv-parse/sync";
import { invalidBody } from "../errors/api-request-errors.ts";

/**
 * CSV with a header line (RFC 4180) as objects of strings; an unquoted or quoted NULL is null. A line with too few fields
 * gives an object with fewer keys, fields beyond the header's are dropped.
 * @throws BackendError PGRST102
 */
export function csvToObjects(text: string): Array<Record<string, string | null>> {
  const [header, ...lines] = parseLines(text);
  if (header === undefined) throw invalidBody("parse error (not enough input)");
  return lines.map((line) => Object.fromEntries(line.slice(0, header.length).map((value, column) => [header[column], value === "NULL" ? null : value])));
}

function parseLines(text: string): string[][] {
  try {
    return parse(text, { relaxColumnCount: true, skipEmptyLines: true });
  } catch (error) {
    throw invalidBody(`parse error (${(error as Error).message})`);
  }
}
