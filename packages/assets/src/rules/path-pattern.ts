/** What placeholders and the splat of a pattern stand for in a path. */
export type Captures = Readonly<Record<string, string>>;

/** A path of `_redirects` or `_headers`: `:name` is one part, `*` anything, once. Compared part by part, so that no path costs more than its length. */
export interface PathPattern {
  readonly isStatic: boolean;
  readonly match: Match;
}

type Match = (path: string) => Captures | undefined;

const NOTHING: Captures = {};
const PLACEHOLDER = /^:[A-Za-z]\w*$/;

/** @returns what is wrong with it, as text */
export function parsePattern(source: string): PathPattern | string {
  if (!source.startsWith("/")) return "its path doesn't begin with \"/\"";
  const splat = source.indexOf("*");
  if (splat !== source.lastIndexOf("*")) return "there is more than one \"*\"";
  const hasPlaceholder = source.split("/").some((part) => PLACEHOLDER.test(part));
  if (splat < 0) return hasPlaceholder ? dynamic((path) => matchParts(source.split("/"), path.split("/"))) : exactly(source);
  const [before, after] = [source.slice(0, splat), source.slice(splat + 1)];
  if (!hasPlaceholder) return dynamic((path) => between(before, after, path));
  if (after !== "" || !before.endsWith("/")) return "placeholders go with \"/*\" at the end alone";
  const parts = before.slice(0, -1).split("/");
  return dynamic((path) => matchFirst(parts, path));
}

const dynamic = (match: Match): PathPattern => ({ isStatic: false, match });

/** With or without a slash at its end. */
function exactly(source: string): PathPattern {
  const plain = withoutSlash(source);
  return { isStatic: true, match: (path) => (withoutSlash(path) === plain ? NOTHING : undefined) };
}

export const withoutSlash = (path: string): string => (path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path);

/** "/blog/*" is "/blog" as well. */
function between(before: string, after: string, path: string): Captures | undefined {
  if (after === "" && before.length > 1 && before.endsWith("/") && path === before.slice(0, -1)) return { splat: "" };
  if (path.length < before.length + after.length || !path.startsWith(before) || !path.endsWith(after)) return undefined;
  return { splat: path.slice(before.length, path.length - after.length) };
}

function matchFirst(parts: readonly string[], path: string): Captures | undefined {
  const given = path.split("/");
  const captures = matchParts(parts, given.slice(0, parts.length));
  return captures && { ...captures, splat: given.slice(parts.length).join("/") };
}

function matchParts(parts: readonly string[], given: readonly string[]): Captures | undefined {
  if (parts.length !== given.length) return undefined;
  const captures: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    if (PLACEHOLDER.test(part) && given[index] !== "") captures[part.slice(1)] = given[index]!;
    else if (part !== given[index]) return undefined;
  }
  return captures;
}

/** A text with what the pattern's placeholders stood for in their places; those that it hadn't stay as they are. */
export const fillIn = (template: string, captures: Captures, encode: (value: string) => string = (value) => value): string =>
  template.replace(/:([A-Za-z]\w*)/g, (whole, name: string) => (Object.hasOwn(captures, name) ? encode(captures[name]!) : whole));
