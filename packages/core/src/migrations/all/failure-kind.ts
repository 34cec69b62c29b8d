import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";

/**
 * `broken`: it will fail again until somebody changes something. `changed`: an applied file is another one now.
 * `passing`: time may mend it.
 */
export type FailureKind = "broken" | "changed" | "passing";

const KINDS: Readonly<Record<string, FailureKind>> = {
  [CORE_ERRORS.migrationFailed.code]: "broken",
  [CORE_ERRORS.provisioningFailed.code]: "broken",
  [CORE_ERRORS.migrationChanged.code]: "changed",
  [CORE_ERRORS.databaseUnavailable.code]: "passing",
  [CORE_ERRORS.databaseBusy.code]: "passing",
  // Neither says anything of the database: another process has it open, or this one is configured for others.
  [CORE_ERRORS.directoryLocked.code]: "passing",
  [CORE_ERRORS.projectPlacement.code]: "passing",
};

/**
 * Of statements that may succeed another time: serialization and deadlocks (40), resources (53), a lock not given in
 * time (55P03), intervention and shutdown (57P).
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const PASSING = /^(?:40|53|55P03|57P)/;

/** @returns undefined for what is no failure of a project: the metadata's, or a mistake of ours */
export function failureKind(error: unknown): FailureKind | undefined {
  if (!(error instanceof BackendError)) return undefined;
  return PASSING.test(sqlstateOf(error) ?? "") ? "passing" : KINDS[error.code];
}

/** Of a migration that failed: its file and SQLSTATE. */
export function failureFacts(error: unknown): { readonly migration: string; readonly sqlstate: string | null } {
  const { file } = detailsOf(error);
  return { migration: typeof file === "string" ? file : SETUP, sqlstate: sqlstateOf(error) ?? null };
}

/** What stands for a file's name where it was the services' set-up that failed. */
export const SETUP = "(set-up)";

/** Nothing of the whole server can be reached, rather than this one database. */
export function isServerDown(error: unknown): boolean {
  if (!(error instanceof BackendError) || error.code !== CORE_ERRORS.databaseUnavailable.code) return false;
  const code = (error.cause as { code?: string } | undefined)?.code ?? "";
  return code !== "3D000" && !code.startsWith("28");
}

/** One line for reports. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const details = error instanceof BackendError && typeof error.details === "string" ? ` ${error.details}` : "";
  const cause = error instanceof BackendError && error.code === CORE_ERRORS.databaseUnavailable.code ? causeOf(error) : "";
  return `${message}${details}${cause}`.replaceAll(/\s+/g, " ");
}

const causeOf = ({ cause }: BackendError): string => (cause instanceof Error && cause.message !== "" ? ` (${cause.message})` : "");

function sqlstateOf(error: unknown): string | undefined {
  const { sqlstate } = detailsOf(error);
  return typeof sqlstate === "string" ? sqlstate : undefined;
}

function detailsOf(error: unknown): { readonly file?: unknown; readonly sqlstate?: unknown } {
  const details = error instanceof BackendError ? error.details : undefined;
  return typeof details === "object" && details !== null ? details : {};
}
