import { BackendError } from "@plinth/core";
import { raiseParseError } from "./api-request-errors.ts";
import { type PgError, raisedStatus } from "./pg-error.ts";

/** SQLSTATE by which SQL takes the whole response into its hands. */
export const RAISED_RESPONSE = "PGRST";

interface RaisedMessage {
  readonly code: string;
  readonly message: string;
  readonly details?: string | null;
  readonly hint?: string | null;
}

interface RaisedDetail {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** `RAISE SQLSTATE 'PGRST'`: https://docs.postgrest.org/en/stable/references/errors.html#raise-errors-with-http-status-codes */
export function raisedResponse(error: PgError): BackendError {
  const message = parsed(error.message, isRaisedMessage);
  if (message === undefined) return raiseParseError({ kind: "message", text: error.message });
  if (error.detail === undefined) return raiseParseError({ kind: "noDetail" });
  const detail = parsed(error.detail, isRaisedDetail);
  if (detail === undefined) return raiseParseError({ kind: "detail", text: error.detail });
  const definition = { code: message.code, status: raisedStatus(detail.status), message: message.message };
  return new BackendError(definition, { details: message.details ?? null, hint: message.hint ?? null, headers: detail.headers, cause: error });
}

function parsed<T>(text: string, isShape: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isShape(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

const isOptionalText = (value: unknown): boolean => value === undefined || value === null || typeof value === "string";

const isRaisedMessage = (value: unknown): value is RaisedMessage =>
  isObject(value) && typeof value.code === "string" && typeof value.message === "string" && isOptionalText(value.details) && isOptionalText(value.hint);

const isRaisedDetail = (value: unknown): value is RaisedDetail =>
  isObject(value) &&
  Number.isInteger(value.status) &&
  isOptionalText(value.status_text) &&
  isObject(value.headers) &&
  Object.values(value.headers).every((header) => typeof header === "string");
