import { BackendError, CORE_ERRORS } from "@plinth/core";
import type { NodeRequest } from "./node-message.ts";

/** Whether a request came through a proxy whose X-Forwarded-Proto and X-Forwarded-Host are to be believed. */
export type TrustProxy = boolean | ((request: NodeRequest) => boolean);

/** `http://localhost:3000`: where the client believes to be. */
export function originOf(request: NodeRequest, trustProxy: TrustProxy): string {
  const { headers } = request;
  const protocol = (request.socket as { encrypted?: boolean }).encrypted === true ? "https" : "http";
  const host = headers.host ?? headers[":authority"]?.toString() ?? "localhost";
  const forwardedProtocol = firstOf(headers["x-forwarded-proto"]);
  const forwardedHost = firstOf(headers["x-forwarded-host"]);
  if (forwardedProtocol === undefined && forwardedHost === undefined) return origin(protocol, host);
  const trusted = typeof trustProxy === "function" ? trustProxy(request) : trustProxy;
  return trusted ? origin(forwardedProtocol ?? protocol, forwardedHost ?? host) : origin(protocol, host);
}

const PROTOCOL = /^https?$/;
/** RFC 3986, 3.2.2 and 3.2.3, without percent-encoding: nothing that could end the authority early. */
const AUTHORITY = /^(?:[\w.~!$&'()*+,;=-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

export function origin(protocol: string, host: string): string {
  if (!PROTOCOL.test(protocol) || !AUTHORITY.test(host)) throw new BackendError(CORE_ERRORS.requestMalformed, { details: "The request names no valid host." });
  return `${protocol}://${host}`;
}

function firstOf(header: string | string[] | undefined): string | undefined {
  const value = typeof header === "string" ? header : header?.[0];
  return value?.split(",", 1)[0]?.trim();
}

/** Characters and segments that a URL parser would change (WHATWG URL, path and query states). */
const UNUSUAL = /[^!$&(-;=?-[\]_a-z|~%]|\/\.|\/%2e/i;

/**
 * The request's URL, in the form `new Request(url).url` would have. `target` begins with "/"; its
 * percent-encoding is left as it was sent.
 */
export function requestUrl(requestOrigin: string, target: string): string {
  return UNUSUAL.test(target) ? new URL(requestOrigin + target).href : requestOrigin + target;
}

/** Path and query of a request line's target, which may be absolute (RFC 9112, 3.2.2) or "*". */
export function pathOf(target: string): string {
  if (target.startsWith("/")) return target;
  return target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, "").replace(/^(?!\/)/, "/");
}

/** `path` below `basePath`, beginning with "/"; undefined where it lies outside. */
export function pathBelow(path: string, basePath: string): string | undefined {
  if (!path.startsWith(basePath)) return undefined;
  const rest = path.slice(basePath.length);
  if (rest.startsWith("/")) return rest;
  return rest === "" || rest.startsWith("?") ? `/${rest}` : undefined;
}

/** "/api/" → "/api", "/" → "". */
export function normalizeBasePath(basePath: string): string {
  const trimmed = basePath.replace(/\/+$/, "");
  return trimmed === "" || trimmed.startsWith("/") ? trimmed : `/${trimmed}`;
}
