import type { BackendError } from "@plinth/core";
import type { RestConfig } from "../config/rest-config.ts";

/** PostgREST's error body, its keys in alphabetical order. */
export const errorPayload = ({ code, details, hint, message }: BackendError, verbosity: RestConfig["clientErrorVerbosity"]): string =>
  JSON.stringify(verbosity === "minimal" ? { code, message } : { code, details, hint, message });
