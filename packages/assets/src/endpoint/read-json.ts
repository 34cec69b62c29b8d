import { BackendError, readText } from "@plinth/core";
import type { z } from "zod";
import { ASSETS_ERRORS } from "../errors.ts";

/** A request's JSON body by a schema. An empty one is `{}`. @throws BackendError PLINTH_ASSETS_INVALID_REQUEST naming the field; PLINTH_BODY_TOO_LARGE */
export async function readJson<T>(request: Request, schema: z.ZodType<T>, maxBytes: number): Promise<T> {
  const text = await readText(request, { maxBytes });
  const parsed = schema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BackendError(ASSETS_ERRORS.invalidRequest, { message: `${["body", ...(issue?.path.map(String) ?? [])].join("/")}: ${issue?.message ?? "is not valid"}` });
}

function parse(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BackendError(ASSETS_ERRORS.invalidRequest, { message: `The body is not valid JSON: ${(cause as Error).message}`, cause });
  }
}
