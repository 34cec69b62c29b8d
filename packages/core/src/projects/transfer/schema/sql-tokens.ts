/** A piece of SQL. Literals, operators and space are left out. */
export interface SqlPiece {
  /** `name`: a word or an identifier in double quotes; `comment`: one that goes up to the end of its line. */
  readonly kind: "name" | "comment" | "open" | "close" | "end";
  /** As it is written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Lexical rules: https://www.postgresql.org/docs/current/sql-syntax-lexical.html, with standard_conforming_strings.
 * In this order: comments, strings with escapes, strings, dollar quotes, identifiers in quotes, words, punctuation.
 */
const PIECE =
  /(?<comment>--[^\n]*)|(?<block>\/\*)|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|(?<name>"(?:[^"]|"")*"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|\$?\d[\w.]*|(?<open>\()|(?<close>\))|(?<end>;)/g;

const KINDS = ["comment", "name", "open", "close", "end"] as const;

/** The pieces of a script that PostgreSQL's own tools have written: what is in quotes is never taken for SQL. */
export function* sqlPieces(sql: string): Generator<SqlPiece> {
  const pattern = new RegExp(PIECE);
  for (;;) {
    const match = pattern.exec(sql);
    if (!match) return;
    const groups = match.groups as Readonly<Record<string, string | undefined>>;
    const kind = KINDS.find((name) => groups[name] !== undefined);
    if (kind !== undefined) yield { kind, text: match[0], start: match.index, end: pattern.lastIndex };
    else if (groups["dollar"] !== undefined) pattern.lastIndex = after(sql, groups["dollar"], pattern.lastIndex);
    else if (groups["block"] !== undefined) pattern.lastIndex = after(sql, "*/", pattern.lastIndex);
  }
}

function after(sql: string, mark: string, from: number): number {
  const at = sql.indexOf(mark, from);
  return at === -1 ? sql.length : at + mark.length;
}
