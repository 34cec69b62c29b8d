import { BackendError, isStorableJson, mayBeUnstorable, readText } from "@plinth/core";
import { z } from "zod";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** GoTrue's limit, in bytes. */
export const MAX_BODY_BYTES = 1_048_576;

/**
 * A request's body. An empty one is `{}`.
 * @throws BackendError bad_json, request_entity_too_large
 */
export const readJson = async (request: Request): Promise<unknown> => parse(await readBody(request));

/**
 * The body by an endpoint's schema; unknown fields are left out.
 * @throws BackendError bad_json where a field is of another type, validation_failed naming the field
 */
export function checkBody<T>(given: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join(".") ?? "";
  // GoTrue can't unmarshal a wrong type into its structs: to clients that is bad_json.
  const isType = issue?.code === "invalid_type";
  throw new AuthError(isType ? AUTH_ERRORS.badJson : AUTH_ERRORS.validationFailed, { message: isType ? `Could not parse request body as JSON: ${where}: ${issue.message}` : (issue?.message ?? AUTH_ERRORS.validationFailed.message), details: where === "" ? null : where });
}

async function readBody(request: Request): Promise<string> {
  try {
    return await readText(request, { maxBytes: MAX_BODY_BYTES });
  } catch (error) {
    if (error instanceof BackendError && error.status === 413) throw new AuthError(AUTH_ERRORS.requestTooLarge, { cause: error });
    throw error;
  }
}

function parse(text: string): unknown {
  if (text.trim() === "") return {};
  if (isDeep(text)) throw new AuthError(AUTH_ERRORS.badJson, { message: `Could not parse request body as JSON: exceeded max depth of ${MAX_DEPTH}` });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new AuthError(AUTH_ERRORS.badJson, { message: `Could not parse request body as JSON: ${(cause as Error).message}`, cause });
  }
  if (mayBeUnstorable(text) && !isStorableJson(parsed)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Texts must not have NUL or half a surrogate pair in them" });
  return parsed;
}

/** What is nested deeper can't be written again without running out of stack. */
const MAX_DEPTH = 1_000;

function isDeep(text: string): boolean {
  if (text.length < MAX_DEPTH) return false;
  let depth = 0;
  for (const [bracket] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{\]}]/g)) {
    if (bracket === "[" || bracket === "{") depth++;
    else if (bracket === "]" || bracket === "}") depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** A text that may be left out, null or empty: to GoTrue they are the same. */
export const optionalText = z.string().nullish().transform((value) => value || undefined);
/** A JSON object that may be left out or null. */
export const optionalObject = z.record(z.string(), z.unknown()).nullish().transform((value) => value ?? undefined);
