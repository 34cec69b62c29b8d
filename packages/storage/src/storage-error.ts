import { BackendError, type BackendErrorOptions } from "@plinth/core";
import type { StorageErrorDefinition } from "./errors.ts";

/** An error as Supabase Storage answers with: `{statusCode, error, code, message}`. `status` is the one in the body. */
export class StorageError extends BackendError {
  /** The body's `error`. */
  readonly error: string;
  /** The answer's own status: 400 for most. */
  readonly httpStatus: number;

  constructor(definition: StorageErrorDefinition, options: BackendErrorOptions = {}) {
    super(definition, options);
    this.error = definition.error ?? definition.code;
    this.httpStatus = definition.httpStatus ?? (definition.status === 500 ? 500 : 400);
  }
}
