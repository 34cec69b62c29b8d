import type { WireError } from "../wire/backend-messages.ts";

const FATAL = "FATAL";

/** What clients are told when the database goes away under them, in PostgreSQL's words where it has any. */
export const SESSION_ERRORS = {
  statementTimeout: { severity: "ERROR", sqlstate: "57014", message: "canceling statement due to statement timeout" },
  cancelled: { severity: "ERROR", sqlstate: "57014", message: "canceling statement due to user request" },
  idleInTransaction: {
    severity: FATAL,
    sqlstate: "25P03",
    message: "terminating connection due to idle-in-transaction timeout",
    hint: "The embedded database runs one transaction at a time, and others were waiting: a transaction must not wait for another connection.",
  },
  restarted: { severity: FATAL, sqlstate: "57P01", message: "terminating connection due to administrator command", hint: "The embedded database was restarted." },
  closed: { severity: FATAL, sqlstate: "57P01", message: "terminating connection due to administrator command", hint: "The embedded database was closed." },
  crashed: { severity: FATAL, sqlstate: "57P02", message: "terminating connection because of crash of another server process", hint: "The embedded database is being reopened." },
} as const satisfies Record<string, WireError>;

export function cannotConnect(reason: string): WireError {
  return { severity: FATAL, sqlstate: "57P03", message: `the embedded database could not be opened: ${reason}` };
}
