import { parsePattern, type PathPattern } from "./path-pattern.ts";

/** Headers of some paths. Undefined: the header is taken away that rules before it have set. */
interface Rule {
  readonly pattern: PathPattern;
  readonly headers: [name: string, value: string | undefined][];
}

export interface HeaderRules {
  /** Of a file, by all the paths that it is at: decoded, beginning with "/". Names in lower case. */
  headersOf(paths: readonly string[]): ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

/** Cloudflare's limits. */
const MAX_RULES = 100;
const MAX_LINE = 2_000;
const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const VALUE = /^[\t\x20-\x7e]*$/;

/**
 * Those that say how an answer is put together, or what is in it, which no file may say; cookies, which are the host's; and
 * orders to a server in front, which sends files of its own by them (nginx, Apache, lighttpd, Perlbal).
 */
const RESERVED: ReadonlySet<string> = new Set([
  "accept-ranges", "age", "allow", "alt-svc", "connection", "content-encoding", "content-length", "content-range", "content-type", "date", "etag", "host",
  "keep-alive", "last-modified", "location", "proxy-authenticate", "proxy-connection", "server", "set-cookie", "set-cookie2", "te", "trailer", "transfer-encoding",
  "status", "upgrade", "vary", "via", "www-authenticate", "x-request-id", "x-lighttpd-send-file", "x-reproxy-url", "x-sendfile",
]);

/** `_headers` as Netlify and Cloudflare Pages read it: a path, and its headers in the lines below, indented. All rules that fit count. */
export function parseHeaderRules(text: string): HeaderRules {
  const rules: Rule[] = [];
  const problems: string[] = [];
  let open: Rule | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.trim();
    if (content === "" || content.startsWith("#")) continue;
    const result = line.length > MAX_LINE ? "it is too long" : /^\s/.test(line) ? addHeader(open, content) : beginRule(content, rules.length);
    if (typeof result === "string") problems.push(`_headers:${index + 1}: ${result}`);
    else if (result !== open) rules.push((open = result));
    // Headers of a path that isn't understood are nobody's.
    if (typeof result === "string" && !/^\s/.test(line)) open = undefined;
  }
  return { problems: problems.slice(0, 100), headersOf: (paths) => collect(rules, paths) };
}

function beginRule(source: string, count: number): Rule | string {
  if (count >= MAX_RULES) return `there are more than ${MAX_RULES} paths`;
  const pattern = parsePattern(source);
  return typeof pattern === "string" ? pattern : { pattern, headers: [] };
}

function addHeader(rule: Rule | undefined, line: string): Rule | string {
  if (rule === undefined) return "there is no path that it is for";
  if (line.startsWith("!")) return put(rule, line.slice(1).trim(), undefined);
  const colon = line.indexOf(":");
  return colon < 0 ? "it has no value" : put(rule, line.slice(0, colon).trim(), line.slice(colon + 1).trim());
}

function put(rule: Rule, name: string, value: string | undefined): Rule | string {
  const lower = name.toLowerCase();
  if (!NAME.test(name) || (value !== undefined && !VALUE.test(value))) return "it is no header";
  if (RESERVED.has(lower) || lower.startsWith("x-accel-")) return `${name} can't be set`;
  rule.headers.push([lower, value]);
  return rule;
}

/** Of several values of one header, all count. */
function collect(rules: readonly Rule[], paths: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { pattern, headers } of rules) {
    if (!paths.some((path) => pattern.match(path) !== undefined)) continue;
    for (const [name, value] of headers) {
      const before = found.get(name);
      if (value === undefined) found.delete(name);
      else found.set(name, before === undefined ? value : `${before}, ${value}`);
    }
  }
  return found;
}
