/** A pattern as GoTrue's library for globs has them (github.com/gobwas/glob), with "." and "/" as separators. */
export interface Glob {
  matches(text: string): boolean;
}

const SEPARATORS = "./";
const NOT_SEPARATOR = `[^${SEPARATORS}]`;

/** Longer texts are no addresses, and would only cost time. */
const MAX_TEXT = 8_192;

/**
 * `*` any number of characters but separators, `**` of any, `?` one but a separator, `[abc]`, `[a-z]`, `[!a-z]` one of
 * a list or none of it, `{one,other}` either, `\` takes what follows as it is. A pattern that breaks off is taken as it is.
 */
export function createGlob(pattern: string): Glob {
  const expression = compile(pattern);
  return { matches: (text) => text.length <= MAX_TEXT && (expression === undefined ? text === pattern : expression.test(text)) };
}

const TOKEN = /\\([\s\S])|\*\*+|\*|\?|\[(!?)([^\]]+)\]|[{},]|[^\\*?[{},]+|[\s\S]/gu;

function compile(pattern: string): RegExp | undefined {
  let depth = 0;
  let source = "";
  for (const [token, escaped, negated, list] of pattern.matchAll(TOKEN)) {
    if (token === "{") depth += 1;
    if (token === "}") depth -= 1;
    if (depth < 0 || token === "[" || token === "\\") return undefined;
    source += translate(token, depth, { escaped, negated, list });
  }
  return depth === 0 ? new RegExp(`^(?:${source})$`, "u") : undefined;
}

interface Parts {
  readonly escaped: string | undefined;
  readonly negated: string | undefined;
  readonly list: string | undefined;
}

function translate(token: string, depth: number, { escaped, negated, list }: Parts): string {
  if (escaped !== undefined) return quote(escaped);
  if (list !== undefined) return `[${negated === "!" ? "^" : ""}${list.replaceAll(/[\\\]^[]/g, "\\$&")}]`;
  const special = SPECIAL[token];
  if (special !== undefined && (token !== "," || depth > 0)) return special;
  return token.startsWith("**") ? "[\\s\\S]*" : quote(token);
}

const SPECIAL: Readonly<Record<string, string>> = { "*": `${NOT_SEPARATOR}*`, "?": NOT_SEPARATOR, "{": "(?:", "}": ")", ",": "|" };

const quote = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
