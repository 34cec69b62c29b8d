import type { BackendError } from "@plinth/core";
import { reply, type ReplyHeaders } from "@plinth/core";
import type { RestConfig } from "../config/rest-config.ts";
import { headerBytes, isFraming, isHeader } from "../response/header-value.ts";
import { errorPayload } from "./error-payload.ts";
import { toBackendError } from "./to-backend-error.ts";

export interface RenderOptions {
  /** Whether the caller showed a token: decides between 401 and 403. */
  readonly authenticated: boolean;
  /** HEAD: headers as for GET, no body. */
  readonly headersOnly: boolean;
  readonly verbosity: RestConfig["clientErrorVerbosity"];
}

/** Statuses that SQL may raise and that can't have a body (Fetch Standard). */
const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Whatever was thrown, as a response. Doesn't throw. */
export function renderError(error: unknown, { authenticated, headersOnly, verbosity }: RenderOptions): Response {
  const known = toBackendError(error, authenticated);
  const body = errorPayload(known, verbosity);
  const hasBody = !headersOnly && !NULL_BODY.has(known.status);
  return reply(hasBody ? body : null, { status: known.status, headers: errorHeaders(known, body) });
}

function errorHeaders(error: BackendError, body: string): ReplyHeaders {
  const own = Object.entries(error.headers).filter(([name, value]) => isHeader(name, value) && !isFraming(name));
  const names = new Set(own.map(([name]) => name.toLowerCase()));
  const usual = Object.entries({
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(body)),
    "Proxy-Status": `PostgREST; error=${error.code.replace(/[^\x20-\x7e]/g, "?")}`,
  }).filter(([name]) => !names.has(name.toLowerCase()));
  return Object.fromEntries([...usual, ...own.map(([name, value]) => [name, headerBytes(value)] as const)]);
}
