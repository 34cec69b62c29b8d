import type { JobFailure } from "../job.ts";

const MAX_MESSAGE = 2_000;

/** What must not lie about in a table or a log, as far as it can be told by its looks. */
const SECRETS: ReadonlyArray<readonly [pattern: RegExp, replacement: string]> = [
  // The password in a URL.
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi, "$1:***@"],
  [/\b(bearer|basic)\s+[\w+/.~=-]{8,}/gi, "$1 ***"],
  // A JWT.
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "***"],
  [/\b(sb|sk|pk)_[\w-]{8,}/g, "$1_***"],
  [/\b(password|secret|token|api_?key)(["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi, "$1$2***"],
];

/** What is kept of an error: its name, code and message, without what looks like a secret. */
export function toJobFailure(error: unknown): JobFailure {
  const { name, message, code } = (typeof error === "object" && error !== null ? error : {}) as { readonly name?: unknown; readonly message?: unknown; readonly code?: unknown };
  return {
    name: typeof name === "string" ? withoutSecrets(name).slice(0, 100) : "Error",
    message: withoutSecrets(typeof message === "string" && message !== "" ? message : String(typeof error === "string" ? error : "An error without a message.")),
    ...(typeof code === "string" ? { code: code.slice(0, 100) } : {}),
  };
}

const withoutSecrets = (text: string): string => SECRETS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text.slice(0, 2 * MAX_MESSAGE)).slice(0, MAX_MESSAGE);
