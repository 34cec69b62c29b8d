/**
 * By what names are compared. `name`: by their bytes. `folded`: by the bytes of what they are in small letters, of which
 * Storage's own tables have a column. `lower`: the same in tables that others have made. They have an index on that
 * expression, which is of use to those alone who pass over row level security: PostgreSQL compares nothing by `lower()` that
 * a policy hasn't let through yet.
 */
export type NameKey = "name" | "folded" | "lower";

interface KeySql {
  /** Of `storage.objects o`. */
  readonly column: string;
  /** The same of a parameter, or another expression. */
  of(text: string): string;
}

const KEYS: Readonly<Record<NameKey, KeySql>> = {
  name: { column: 'o.name collate "C"', of: (text) => `${text}::text collate "C"` },
  folded: { column: "o.folded_name", of: (text) => `lower(${text}::text collate "C")` },
  lower: { column: 'lower(o.name) collate "C"', of: (text) => `lower(${text}::text) collate "C"` },
};

export const nameKey = (key: NameKey): KeySql => KEYS[key];

/** Sorts after every name that begins as it does: Unicode's last code point is a noncharacter, which is in none. */
export const LAST = "\u{10FFFF}";
export const LAST_SQL = "chr(1114111)";

/** The least name after one: text has no NUL. */
export const nameAfter = (name: string): string => `${name}\u0001`;

/** Names as PostgreSQL's collation "C" orders them. */
export const compareNames = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
