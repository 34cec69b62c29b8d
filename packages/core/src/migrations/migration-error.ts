import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { MigrationFile } from "./migration-file.ts";

/** What PostgreSQL says of an error, as far as it is of use here. */
interface ServerError {
  readonly message: string;
  readonly code?: string;
  /** 1-based, in characters (not bytes, not UTF-16 units). */
  readonly position?: string;
  readonly detail?: string;
  readonly hint?: string;
  /** The call stack, where it happened in a function or DO block. */
  readonly where?: string;
}

/** Names the file, the line where PostgreSQL gives a position, and the SQLSTATE. */
export function migrationError(file: MigrationFile, cause: unknown): BackendError {
  const { message, code, position, detail, hint, where }: ServerError = cause instanceof Error ? cause : new Error(String(cause));
  const line = position === undefined ? undefined : lineAt(file.sql, Number(position));
  const place = line === undefined ? file.name : `${file.name}:${line}`;
  return new BackendError(CORE_ERRORS.migrationFailed, {
    message: `${place}: ${message}${code === undefined ? "" : ` (SQLSTATE ${code})`}`,
    details: { file: file.name, line, sqlstate: code, detail, where, text: line === undefined ? undefined : file.sql.split("\n")[line - 1]?.trim() },
    hint: hint ?? "Nothing of this file was kept; the ones before it stay applied. Put it right and run the migrations again.",
    cause,
  });
}

function lineAt(sql: string, position: number): number {
  const before = [...sql].slice(0, Math.max(position - 1, 0));
  return before.filter((character) => character === "\n").length + 1;
}
