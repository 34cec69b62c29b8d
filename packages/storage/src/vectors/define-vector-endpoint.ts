import type { z } from "zod";
import { defineEndpoint, type Endpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { readJson } from "../endpoint/read-json.ts";
import type { StorageCall } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS, type StorageErrorDefinition } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

export interface VectorEndpoint<Body> {
  /** Upstream's, after `storage.vector.`. */
  readonly id: string;
  /** As S3 Vectors calls it: the path, too. */
  readonly action: string;
  readonly body: z.ZodType<Body>;
  /** Of the body, in bytes. Default: as elsewhere. */
  readonly maxBytes?: number;
  /** What is answered as JSON. */
  handle(call: StorageCall, body: Body): Promise<object>;
}

/** `POST /vector/<action>`, for the service role alone. */
export const defineVectorEndpoint = <Body>({ id, action, body, maxBytes, handle }: VectorEndpoint<Body>): Endpoint =>
  defineEndpoint({
    id: `storage.vector.${id}`,
    method: "POST",
    path: `/vector/${action}`,
    access: "admin",
    handle: async (call) => {
      if (!call.storage.config.vectorBuckets.enabled) throw new StorageError(STORAGE_ERRORS.vectorsDisabled);
      try {
        return json(await handle(call, await readJson(call.request, body, maxBytes)));
      } catch (error) {
        throw toVectorError(error);
      }
    },
  });

/** By SQLSTATE. Databases that others have made lack the tables; servers, the extension. */
const ANSWERS: Readonly<Record<string, StorageErrorDefinition>> = {
  "0A000": STORAGE_ERRORS.noVectorExtension,
  "42P01": STORAGE_ERRORS.noVectorExtension,
  "42883": STORAGE_ERRORS.noVectorExtension,
  "42704": STORAGE_ERRORS.noVectorExtension,
};

/** What pgvector says of vectors that it does not take. */
const INVALID = new Set(["22000", "22003", "22P02"]);

function toVectorError(error: unknown): unknown {
  const { code, message } = ((error as Error | undefined)?.cause ?? {}) as { readonly code?: string; readonly message?: string };
  if (!(error instanceof StorageError) || code === undefined) return error;
  if (INVALID.has(code)) return new StorageError(STORAGE_ERRORS.invalidParameter, { ...(message === undefined ? {} : { message }), cause: error.cause });
  const definition = ANSWERS[code];
  return definition === undefined ? error : new StorageError(definition, { cause: error.cause });
}

/** Whether it is what PostgreSQL raised with this SQLSTATE. */
export const isRaised = (error: unknown, code: string): boolean => error instanceof StorageError && (error.cause as { readonly code?: string } | undefined)?.code === code;
