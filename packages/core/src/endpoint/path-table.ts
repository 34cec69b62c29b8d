/** What stands in a table of paths: `/object/:bucket/*key` has one part for `:bucket`, and the rest, of one part at least, for `*key`. */
export interface PathEntry {
  readonly method: string;
  readonly path: string;
}

/** What a path leads to: an entry with its parameters, percent-decoded, or the methods that there are instead. */
export type PathMatch<T> = { readonly entry: T; readonly params: Readonly<Record<string, string>> } | { readonly allowed: readonly string[] };

interface Pattern<T> {
  readonly entry: T;
  readonly parts: readonly string[];
}

export interface PathTableOptions {
  /** Whether slashes at the end of a path count. Default: false. */
  readonly strict?: boolean;
}

/** Finds entries by method and path; of several, the first that was given. HEAD finds GET's where it has none of its own. */
export class PathTable<T extends PathEntry> {
  readonly #patterns: readonly Pattern<T>[];
  readonly #isStrict: boolean;

  constructor(entries: readonly T[], { strict = false }: PathTableOptions = {}) {
    this.#patterns = entries.map((entry) => ({ entry, parts: entry.path.split("/").slice(1) }));
    this.#isStrict = strict;
  }

  /** @param path percent-encoded as sent, beginning with "/" */
  find(method: string, path: string): PathMatch<T> {
    const given = (this.#isStrict ? path : path.replace(/\/+$/, "")).split("/").slice(1).map(decode);
    let asked: PathMatch<T> | undefined;
    const allowed = new Set<string>();
    for (const { entry, parts } of this.#patterns) {
      const params = matchParts(parts, given);
      if (params === undefined) continue;
      if (entry.method === method) return { entry, params };
      if (method === "HEAD" && entry.method === "GET") asked ??= { entry, params };
      allowed.add(entry.method);
    }
    return asked ?? { allowed: [...allowed] };
  }
}

function matchParts(pattern: readonly string[], given: ReadonlyArray<string | undefined>): Record<string, string> | undefined {
  const takesRest = pattern.at(-1)?.startsWith("*") ?? false;
  if (takesRest ? given.length < pattern.length : given.length !== pattern.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const value = part.startsWith("*") ? restOf(given, index) : given[index];
    if (value === undefined) return undefined;
    if (part.startsWith(":") || part.startsWith("*")) params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}

function restOf(given: ReadonlyArray<string | undefined>, from: number): string | undefined {
  const rest = given.slice(from);
  return rest.includes(undefined) || rest.every((part) => part === "") ? undefined : rest.join("/");
}

function decode(part: string): string | undefined {
  if (!part.includes("%")) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
