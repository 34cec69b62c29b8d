import type { z } from "zod";
import { BackendError } from "../../errors/backend-error.ts";
import type { JobDefinition } from "../define-job.ts";
import { JOB_ERRORS } from "../errors.ts";

/** Bytes of a payload or a result at most: a queue is no place for files. */
const MAX_BYTES = 1024 * 1024;

/**
 * The payload as it is stored, checked as it will be read: after JSON.
 * @throws BackendError PLINTH_JOB_PAYLOAD_INVALID
 */
export async function payloadToJson(job: JobDefinition, payload: unknown): Promise<string> {
  const text = toJson(payload);
  if (text === undefined) throw new BackendError(JOB_ERRORS.jobPayloadInvalid, { message: `The payload of the job "${job.name}" can't be written as JSON of at most ${MAX_BYTES} bytes.` });
  await parsePayload(job, JSON.parse(text));
  return text;
}

/** @throws BackendError PLINTH_JOB_PAYLOAD_INVALID, whose details are where and what, not the values */
export async function parsePayload<Schema extends z.ZodType>(job: JobDefinition<Schema>, payload: unknown): Promise<z.output<Schema>> {
  const parsed = await job.payload.safeParseAsync(payload);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "payload"}: ${issue.message}`);
  throw new BackendError(JOB_ERRORS.jobPayloadInvalid, { message: `The payload is not what the job "${job.name}" takes. ${problems.join("; ")}`, details: problems });
}

/** Undefined where it can't be JSON, or is too long. `undefined` is null. */
export function toJson(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value ?? null);
    return text !== undefined && Buffer.byteLength(text) <= MAX_BYTES ? text : undefined;
  } catch {
    return undefined;
  }
}
