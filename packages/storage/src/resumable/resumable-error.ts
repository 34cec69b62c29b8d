import type { BackendError } from "@plinth/core";
import { StorageError } from "../storage-error.ts";
import { TUS_HEADERS, TUS_VERSION } from "./tus-protocol.ts";

/** An error as clients of TUS know them: the answer's status is the true one, and its body the message alone. */
export class ResumableError extends StorageError {
  constructor({ code, status, message, hint, headers, cause }: BackendError) {
    const version: Readonly<Record<string, string>> = status === 412 ? { "Tus-Version": TUS_VERSION } : {};
    super({ code, status, httpStatus: status, message }, { hint, headers: { ...headers, ...TUS_HEADERS, ...version, "content-type": "text/plain; charset=utf-8" }, cause });
  }
}
