import { sqlPieces } from "./sql-tokens.ts";

/** What a script of pg_dump has of one object. */
export interface SchemaEntry {
  /** pg_dump's word: `TABLE`, `FUNCTION`, `ACL`, `EVENT TRIGGER`, … */
  readonly type: string;
  readonly name: string;
  /** `-` where it is in none. */
  readonly schema: string;
  /** One or more statements. */
  readonly sql: string;
}

/** pg_dump takes line breaks out of names. A name may have the rest of the pattern in it: the last one counts. */
const HEADING = /^-- Name: (?<name>.*); Type: (?<type>[^;]*); Schema: (?<schema>.*); Owner: .*$/;

/** Cuts a script at pg_dump's headings. What comes before the first one is the session's settings, and left out. */
export function splitScript(script: string): readonly SchemaEntry[] {
  const entries: SchemaEntry[] = [];
  let open: { readonly heading: Readonly<Record<string, string>>; readonly start: number } | undefined;
  const close = (end: number): void => {
    if (!open) return;
    const { name = "", type = "", schema = "" } = open.heading;
    entries.push({ name, type, schema, sql: withoutFrame(script.slice(open.start, end)) });
  };
  for (const { kind, text, start, end } of sqlPieces(script)) {
    const heading = kind === "comment" ? HEADING.exec(text)?.groups : undefined;
    if (!heading) continue;
    close(start);
    open = { heading, start: end };
  }
  close(script.length);
  return entries.filter(({ sql }) => sql !== "");
}

/** A heading is three lines of comment; the last entry is followed by pg_dump's farewell. */
const withoutFrame = (sql: string): string =>
  sql
    .replace(/^\n--\n/, "")
    .replace(/\n--\n-- PostgreSQL database dump complete\n--\s*$/, "")
    .replace(/\n--\n$/, "")
    .trim();
