import { type Captures, fillIn, parsePattern, type PathPattern, withoutSlash } from "./path-pattern.ts";

/** What a line of `_redirects` makes of a path. */
export interface Redirect {
  readonly status: number;
  /** A path of the site, or a whole URL, with placeholders. */
  readonly to: string;
  /** Even where there is a file at the path. */
  readonly isForced: boolean;
}

interface Rule extends Redirect {
  readonly pattern: PathPattern;
}

export interface Redirects {
  /** @param path decoded, beginning with "/" */
  find(path: string, isForced: boolean): { readonly redirect: Redirect; readonly captures: Captures } | undefined;
  /** Lines that were left out, and why. */
  readonly problems: readonly string[];
}

/** Cloudflare's limits. */
const MAX_STATIC = 2_000;
const MAX_DYNAMIC = 100;
const MAX_LINE = 1_000;
const STATUSES: ReadonlySet<number> = new Set([200, 301, 302, 303, 307, 308, 404]);

/**
 * `_redirects` as Netlify and Cloudflare Pages read it: `from to [status][!]` to a line, the first that fits counts.
 * Status 301 where there is none. 200 and 404 send another file of the site in place of this one.
 */
export function parseRedirects(text: string): Redirects {
  const exact = new Map<string, Rule & { readonly at: number }>();
  const dynamic: (Rule & { readonly at: number })[] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = line.replace(/(?:^|\s)#.*$/, "").trim().split(/\s+/);
    if (words[0] === "") continue;
    const rule = line.length > MAX_LINE ? "it is too long" : parseRule(words);
    const problem = typeof rule === "string" ? rule : full(rule.pattern.isStatic ? exact.size : dynamic.length, rule);
    if (problem !== undefined) problems.push(`_redirects:${index + 1}: ${problem}`);
    else if (typeof rule !== "string") keep({ ...rule, at: index }, fromOf(words), exact, dynamic);
  }
  return { problems: problems.slice(0, 100), find: (path, isForced) => find(path, isForced, exact, dynamic) };
}

const full = (count: number, { pattern }: Rule): string | undefined => (count >= (pattern.isStatic ? MAX_STATIC : MAX_DYNAMIC) ? "there are too many of its kind" : undefined);

function keep<T extends Rule>(rule: T, from: string, exact: Map<string, T>, dynamic: T[]): void {
  if (!rule.pattern.isStatic) dynamic.push(rule);
  else if (!exact.has(withoutSlash(from))) exact.set(withoutSlash(from), rule);
}

function find(path: string, isForced: boolean, exact: ReadonlyMap<string, Rule & { readonly at: number }>, dynamic: readonly (Rule & { readonly at: number })[]): ReturnType<Redirects["find"]> {
  const plain = exact.get(withoutSlash(path));
  for (const rule of dynamic) {
    if (plain !== undefined && plain.at < rule.at) break;
    if (isForced && !rule.isForced) continue;
    const captures = rule.pattern.match(path);
    if (captures) return { redirect: rule, captures };
  }
  return plain === undefined || (isForced && !plain.isForced) ? undefined : { redirect: plain, captures: {} };
}

/** Paths are held against it decoded; what it says by ":" and "*" isn't encoded. */
const fromOf = ([from = ""]: readonly string[]): string => (/%(?:2a|3a)/i.test(from) ? from : decoded(from));

function parseRule(words: readonly string[]): Rule | string {
  const [, to, code = "301", ...conditions] = words;
  const from = fromOf(words);
  if (to === undefined) return "it has no target";
  if (conditions.length > 0) return "conditions, and parameters of the query, aren't supported";
  const [, digits, force] = /^(\d{3})(!?)$/.exec(code) ?? [];
  const status = Number(digits);
  if (!STATUSES.has(status)) return "its status is none of 200, 301, 302, 303, 307, 308, 404";
  const pattern = parsePattern(from);
  if (typeof pattern === "string") return pattern;
  const problem = targetProblem(to, status);
  return problem ?? { pattern, to, status, isForced: force === "!" };
}

/** A target is within the site, or an address whose host is written down: no part of a request's path gets to be one. */
function targetProblem(to: string, status: number): string | undefined {
  if (/[\p{Cc}\\]/u.test(to)) return "its target has characters that no address may have";
  if (to.startsWith("/")) return to.startsWith("//") ? "its target begins with \"//\"" : undefined;
  if (!/^https?:\/\/[^/?#@:]+(?::\d+)?(?:[/?#]|$)/i.test(to) || !URL.canParse(to)) return "its target is neither a path nor an http(s) URL";
  return status === 200 || status === 404 ? "files of other servers aren't sent" : undefined;
}

/** Where a client is sent, as it stands in Location. @param base what the client has before the site's paths */
export function locationOf({ to }: Redirect, captures: Captures, base: string, query: string): string {
  // Whatever stood in the path that was asked for stays a part of a path: it begins no query, and is decoded once.
  const filled = fillIn(encodeURI(to).replace(/%25([0-9A-Fa-f]{2})/g, "%$1"), captures, (value) => value.split("/").map(encodePart).join("/"));
  const target = to.startsWith("/") ? base + filled.replace(/^\/+/, "/") : filled;
  return query === "" || target.includes("?") ? target : withQuery(target, query);
}

/** What says nothing in a path (RFC 3986, 3.3), nor in a query, is left as it is. */
const encodePart = (part: string): string => encodeURIComponent(part).replace(/%(?:3A|40|24|2C)/g, decodeURIComponent);

/** Whether a client would be sent to the very path that it has asked for. @param path decoded, beginning with "/" */
export function isLoop({ to }: Redirect, captures: Captures, path: string): boolean {
  if (!to.startsWith("/")) return false;
  return withoutSlash(decoded(fillIn(to.replace(/[?#].*$/s, ""), captures)).replace(/^\/+/, "/")) === withoutSlash(path);
}

/** What is written percent-encoded in a rule. What isn't is left. */
export function decoded(path: string): string {
  try {
    return decodeURIComponent(path).normalize("NFC");
  } catch {
    return path;
  }
}

function withQuery(target: string, query: string): string {
  const hash = target.indexOf("#");
  return hash < 0 ? `${target}?${query}` : `${target.slice(0, hash)}?${query}${target.slice(hash)}`;
}
