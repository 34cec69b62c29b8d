import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * A request of node:http, or of node:http2's compatibility API, which has the same shape where it
 * matters here. Hosts hang what they have parsed on `body`; some keep the bytes in `rawBody`.
 */
export type NodeRequest = IncomingMessage & {
  readonly body?: unknown;
  readonly rawBody?: unknown;
  /** The URL that came in, where the host has taken its mount path off `url`. */
  readonly originalUrl?: string;
  /** HTTP/2 only. */
  readonly stream?: { readonly endAfterHeaders: boolean };
};

export type NodeResponse = ServerResponse & {
  /** HTTP/2 only. */
  readonly stream?: { readonly destroyed: boolean };
};

/** Whether the request's framing announces a body (RFC 9112, 6.3; RFC 9113, 8.1). */
export function hasBody(request: NodeRequest): boolean {
  if (request.method === "GET" || request.method === "HEAD") return false;
  const length = request.headers["content-length"];
  if (length !== undefined) return length !== "0";
  return request.headers["transfer-encoding"] !== undefined || request.stream?.endAfterHeaders === false;
}

/** Whether the request ended before all of its body was here. */
export function isBroken(request: NodeRequest): boolean {
  return request.destroyed && !request.readableEnded;
}

/** Whether all of the response was handed to the system. A reset HTTP/2 stream counts as finished, but was never ended. */
export function isSent(response: NodeResponse): boolean {
  return response.writableEnded && response.writableFinished;
}

/** Whether nobody is there any more to write to. */
export function isGone(response: NodeResponse): boolean {
  return response.destroyed || response.stream?.destroyed === true;
}
