/** A token of SQL, as far as it matters for telling which command a statement is. */
export interface SqlToken {
  /** Quoted: an identifier in double quotes, its text without them. Other: punctuation, literals and numbers. */
  readonly kind: "word" | "quoted" | "other";
  readonly text: string;
}

/**
 * Lexical rules: https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 * Alternatives: space and comments (block comments nest, so they are only begun here), dollar quotes, strings with
 * escapes, strings, quoted identifiers, words, numbers, and any single character.
 */
const TOKEN =
  /(?<space>\s+|--[^\n]*)|(?<comment>\/\*)|(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|(?<escaped>[eE]'(?:[^'\\]|\\[\s\S]|'')*'?)|(?<string>(?:[uU]&|[bBxXnN])?'(?:[^']|'')*'?)|(?<quoted>"(?:[^"]|"")*"?)|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(?<other>\$?[\d.]+|[\s\S])/gy;

/** The statements of `sql`, each as its first `depth` tokens. Empty statements are left out. */
export function sqlStatements(sql: string, depth: number): SqlToken[][] {
  const statements: SqlToken[][] = [];
  let current: SqlToken[] = [];
  for (const token of tokens(sql)) {
    if (token.kind === "other" && token.text === ";") {
      if (current.length > 0) statements.push(current);
      current = [];
    } else if (current.length < depth) current.push(token);
  }
  if (current.length > 0) statements.push(current);
  return statements;
}

function* tokens(sql: string): Generator<SqlToken> {
  const pattern = new RegExp(TOKEN);
  for (;;) {
    const groups = pattern.exec(sql)?.groups;
    if (!groups) return;
    if (groups["comment"] !== undefined) pattern.lastIndex = endOfComment(sql, pattern.lastIndex);
    else if (groups["dollar"] !== undefined) {
      pattern.lastIndex = endOfDollarQuote(sql, pattern.lastIndex, groups["dollar"]);
      yield { kind: "other", text: groups["dollar"] };
    } else if (groups["word"] !== undefined) yield { kind: "word", text: foldCase(groups["word"]) };
    else if (groups["quoted"] !== undefined) yield { kind: "quoted", text: groups["quoted"].slice(1, -1).replaceAll('""', '"') };
    else if (groups["space"] === undefined) yield { kind: "other", text: groups["other"] ?? "'" };
  }
}

/** Only ASCII letters are folded, as in a database in UTF-8. */
function foldCase(word: string): string {
  return word.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function endOfComment(sql: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  for (let depth = 1; depth > 0; ) {
    const match = edge.exec(sql);
    if (!match) return sql.length;
    depth += match[0] === "/*" ? 1 : -1;
  }
  return edge.lastIndex;
}

function endOfDollarQuote(sql: string, start: number, tag: string): number {
  const end = sql.indexOf(tag, start);
  return end === -1 ? sql.length : end + tag.length;
}
