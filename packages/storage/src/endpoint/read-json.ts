import { BackendError, isStorableJson, mayBeUnstorable, readText } from "@plinth/core";
import type { z } from "zod";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

/** Upstream's limit of a JSON body, in bytes. */
const MAX_BODY_BYTES = 1_048_576;

/**
 * A request's JSON body by an endpoint's schema. An empty one is `{}`.
 * @param maxBytes of the body
 * @throws StorageError InvalidRequest naming the field; EntityTooLarge
 */
export async function readJson<T>(request: Request, schema: z.ZodType<T>, maxBytes = MAX_BODY_BYTES): Promise<T> {
  const parsed = schema.safeParse(parse(await readBody(request, maxBytes)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = ["body", ...(issue?.path.map(String) ?? [])].join("/");
  throw new StorageError(STORAGE_ERRORS.invalidRequest, { message: `${where}: ${issue?.message ?? "is not valid"}` });
}

async function readBody(request: Request, maxBytes: number): Promise<string> {
  try {
    return await readText(request, { maxBytes });
  } catch (error) {
    if (error instanceof BackendError && error.status === 413) throw new StorageError(STORAGE_ERRORS.tooLarge, { message: "Request body is too large", cause: error });
    throw error;
  }
}

function parse(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (mayBeUnstorable(text) && !isStorableJson(parsed)) throw new SyntaxError("it has NUL or half a surrogate pair in it");
    return parsed;
  } catch (cause) {
    throw new StorageError(STORAGE_ERRORS.invalidRequest, { message: `Body is not valid JSON: ${(cause as Error).message}`, cause });
  }
}
