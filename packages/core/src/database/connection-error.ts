import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";

/**
 * SQLSTATEs that say something of the connection or the server's state rather than of the statement.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNAVAILABLE = new Set(["57P01", "57P02", "57P03", "3D000", "28P01", "28000", "08000", "08001", "08003", "08004", "08006"]);
const BUSY = new Set(["53300", "53400"]);

const codeOf = (error: unknown): string => (error as { code?: string } | null)?.code ?? "";

/** pg-pool's words: all connections were in use, or none could be made in time. */
const NONE_IN_TIME = "timeout exceeded when trying to connect";

/** True when the connection itself failed or there was none: nothing is known of what became of the statement. */
export function isConnectionFailure(error: unknown): boolean {
  const code = codeOf(error);
  if (UNAVAILABLE.has(code)) return true;
  // Node's own socket errors have an errno; pg's have no SQLSTATE at all but these words.
  if (typeof (error as { errno?: unknown } | null)?.errno === "number") return true;
  return error instanceof Error && code === "" && (error.message.startsWith(NONE_IN_TIME) || /Connection terminated|connection error and is not queryable|Client was closed/.test(error.message));
}

/** A failure to get a connection, in words for the client; the cause is kept for the log. */
export function connectionError(error: unknown): BackendError {
  if (error instanceof BackendError) return error;
  const busy = BUSY.has(codeOf(error)) || (error instanceof Error && error.message.startsWith(NONE_IN_TIME));
  const definition = busy ? CORE_ERRORS.databaseBusy : CORE_ERRORS.databaseUnavailable;
  return new BackendError(definition, { cause: error, headers: { "Retry-After": "1" } });
}
