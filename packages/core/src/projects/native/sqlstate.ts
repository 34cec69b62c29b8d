/** The SQLSTATE of an error that PostgreSQL answered with; "" of any other. */
export const sqlstateOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
};

/** Somebody else made the same thing at the same time: the catalogs' unique indexes answer 23505. */
const DUPLICATE = new Set(["42710", "42P04", "23505"]);

export const isDuplicate = (error: unknown): boolean => DUPLICATE.has(sqlstateOf(error));

export const isForbidden = (error: unknown): boolean => sqlstateOf(error) === "42501";
