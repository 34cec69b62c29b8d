import { BackendError } from "@plinth/core";
import { CommandError } from "./command-error.ts";

/** What went wrong, in words for the terminal; a stack only where nobody foresaw the error. */
export function explain(error: unknown): string {
  if (error instanceof CommandError) return error.message;
  if (error instanceof BackendError) return [`${error.message} (${error.code})`, ...detailsOf(error), error.hint, causeOf(error)].filter(Boolean).join("\n  ");
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Of a migration: the line that failed, and what PostgreSQL adds. Lists are in the message already. */
function detailsOf({ details }: BackendError): readonly unknown[] {
  if (typeof details === "string") return [details];
  if (typeof details !== "object" || details === null || Array.isArray(details)) return [];
  const { text, detail, where } = details as Partial<Record<"text" | "detail" | "where", string>>;
  return [text && `> ${text}`, detail, where];
}

/** A migration's cause is in the message; a lost connection's, or another's, is not. */
function causeOf({ message, cause }: BackendError): string | undefined {
  const reason = cause instanceof Error ? cause.message || (cause as { code?: string }).code : undefined;
  return reason === undefined || message.includes(reason) ? undefined : `Reason: ${reason}`;
}
