import { withHeader } from "@plinth/core";
import type { RestConfig } from "../config/rest-config.ts";

/**
 * server-trace-header: the answer to a request has the header of this name that the request had, an empty one where it
 * had none. https://docs.postgrest.org/en/stable/references/observability.html#trace-header
 */
export function withTraceHeader(response: Response, request: Request, { serverTraceHeader }: RestConfig): Response {
  if (serverTraceHeader === undefined) return response;
  return withHeader(response, serverTraceHeader, request.headers.get(serverTraceHeader) ?? "");
}
