/**
 * Of whom a failure to connect speaks. Of the database or its login: SQLSTATE classes 08 (as poolers answer), 28, 3D,
 * 42, 55. Of the server: everything else, a socket's errors included.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const DATABASE_CLASSES: ReadonlySet<string> = new Set(["08", "22", "28", "3D", "42", "55"]);

/** Where in PostgreSQL's sources a database's or a role's own limit of connections is checked; words differ by language. */
const LIMITED_BY: ReadonlySet<string> = new Set(["CheckMyDatabase", "InitializeSessionUserId"]);

const TOO_MANY_CONNECTIONS = "53300";

interface ServerError {
  readonly code?: unknown;
  readonly routine?: unknown;
}

/** `full`: it bears no more connections. `down`: it can't be connected to. */
export interface ConnectFailure {
  readonly of: "database" | "server";
  readonly is: "full" | "down";
}

export function classifyFailure(error: unknown): ConnectFailure {
  const { code, routine } = (error ?? {}) as ServerError;
  if (code === TOO_MANY_CONNECTIONS) return { of: typeof routine === "string" && LIMITED_BY.has(routine) ? "database" : "server", is: "full" };
  const isSqlState = typeof code === "string" && /^[0-9A-Z]{5}$/.test(code);
  return { of: isSqlState && DATABASE_CLASSES.has(code.slice(0, 2)) ? "database" : "server", is: "down" };
}
