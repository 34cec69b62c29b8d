import type { z } from "zod";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

/** A request's parameters by an endpoint's schema, the first of each name. @throws StorageError InvalidRequest naming the parameter */
export function checkQuery<T>(query: URLSearchParams, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(Object.fromEntries([...query].reverse()));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StorageError(STORAGE_ERRORS.invalidRequest, { message: `querystring/${issue?.path.map(String).join("/") ?? ""}: ${issue?.message ?? "is not valid"}` });
}
