import { setImmediate as nextTurn } from "node:timers/promises";
import type { BackendError } from "@plinth/core";
import { type Parser, parse } from "csv-parse";
import { parse as parseAtOnce } from "csv-parse/sync";
import { invalidBody } from "../errors/api-request-errors.ts";

/** A CSV body as JSON, with the keys that all its objects have; or what is wrong with it, to be told when its turn comes. */
export type CsvBody =
  | { readonly kind: "csv"; readonly json: string; readonly keys: ReadonlySet<string> | "none" | "differ" }
  | { readonly kind: "badCsv"; readonly problem: BackendError };

/** Bytes parsed in one turn of the event loop: some ten milliseconds. */
const SLICE = 32_768;

/** Cells in all: what they take in memory is many times their text. */
const MAX_CELLS = 2_000_000;

/** What a header line and the lines after it may differ in. */
const OPTIONS = { relaxColumnCount: true, skipEmptyLines: true } as const;

/**
 * CSV with a header line (RFC 4180) as objects of strings; an unquoted or quoted NULL is null. A line with too few fields
 * gives an object with fewer keys, fields beyond the header's are dropped.
 *
 * @returns a promise where the text is long: others have their turns while it is read
 */
export function readCsv(text: string): CsvBody | Promise<CsvBody> {
  if (hasTooManyCells(text)) return bad(`The CSV has more than ${MAX_CELLS} cells: send it in parts`);
  return text.length <= SLICE ? readAtOnce(text) : readInSlices(text);
}

function readAtOnce(text: string): CsvBody {
  const rows = new CsvRows();
  try {
    for (const line of parseAtOnce(text, OPTIONS)) rows.add(line);
  } catch (error) {
    return malformed(error as Error);
  }
  return rows.result();
}

async function readInSlices(text: string): Promise<CsvBody> {
  const rows = new CsvRows();
  const parser = parse(OPTIONS);
  let error: Error | undefined;
  parser.once("error", (reason) => (error = reason));
  // Bytes may be cut anywhere, where characters may not.
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length && error === undefined; at += SLICE) {
    parser.write(bytes.subarray(at, at + SLICE));
    takeAll(parser, rows);
    await nextTurn();
  }
  if (error === undefined) parser.end();
  // Its last line, or its error, comes when it has been told of the end.
  await nextTurn();
  if (error !== undefined) return malformed(error);
  takeAll(parser, rows);
  return rows.result();
}

function takeAll(parser: Parser, rows: CsvRows): void {
  for (let line = parser.read() as string[] | null; line !== null; line = parser.read() as string[] | null) rows.add(line);
}

const malformed = (error: Error): CsvBody => bad(`parse error (${error.message})`);

const bad = (problem: string): CsvBody => ({ kind: "badCsv", problem: invalidBody(problem) });

/** Counted by what separates them, quoted or not. */
function hasTooManyCells(text: string): boolean {
  if (text.length <= MAX_CELLS) return false;
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code === 44 || code === 10) && ++count > MAX_CELLS) return true;
  }
  return false;
}

class CsvRows {
  #header: readonly string[] | undefined;
  #width: number | undefined;
  #areAlike = true;
  readonly #objects: string[] = [];

  add(line: readonly string[]): void {
    const header = this.#header;
    if (header === undefined) {
      this.#header = line;
      return;
    }
    const width = Math.min(line.length, header.length);
    this.#width ??= width;
    this.#areAlike &&= width === this.#width;
    const object: Record<string, string | null> = Object.create(null);
    for (let column = 0; column < width; column++) object[header[column]!] = line[column] === "NULL" ? null : line[column]!;
    this.#objects.push(JSON.stringify(object));
  }

  result(): CsvBody {
    if (this.#header === undefined) return bad("parse error (not enough input)");
    const keys = this.#width === undefined ? "none" : this.#areAlike ? new Set(this.#header.slice(0, this.#width)) : "differ";
    return { kind: "csv", json: `[${this.#objects.join(",")}]`, keys };
  }
}
