import { lazyHandler } from "@plinth/core";
import type { FetchHandlerSource } from "@plinth/core";
import type { IncomingMessage, ServerResponse } from "node:http";
import { handleNodeRequest } from "./handle-node-request.ts";
import { normalizeBasePath, originOf, pathBelow, pathOf, requestUrl } from "./request-url.ts";
import type { TrustProxy } from "./request-url.ts";

export interface NodeHandlerOptions {
  /**
   * Path below which the handler is mounted, e.g. "/api". The handler sees URLs below it: a request
   * for /api/rest/v1/todos as /rest/v1/todos. Leave it out where the host takes the path off itself,
   * as Express' `app.use("/api", …)` does. Default: "/".
   */
  readonly basePath?: string;
  /**
   * Whether X-Forwarded-Proto and X-Forwarded-Host make the URL's origin. Only behind a proxy that
   * sets them: anybody else's are lies. Default: false.
   */
  readonly trustProxy?: TrustProxy;
  /** Hears of what can't be answered any more. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
}

/** What node:http calls, and the middleware that Connect, Express and others call. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void;

/**
 * Makes a backend (or anything with `fetch`) answer node:http's requests. HTTP/2's compatibility API works too.
 *
 * Given `next`, paths where nothing of the backend is mounted and errors are left to the host;
 * otherwise they are answered 404 and 500.
 *
 * @example
 * createServer(toNodeHandler(backend, { basePath: "/api" })).listen(3000);
 */
export function toNodeHandler(handler: FetchHandlerSource, options: NodeHandlerOptions = {}): NodeHandler {
  const current = lazyHandler(handler);
  const basePath = normalizeBasePath(options.basePath ?? "");
  const trustProxy = options.trustProxy ?? false;
  const onError = options.onError ?? ((error: unknown) => console.error(error));
  return (request, response, next) => {
    const path = pathBelow(pathOf(request.url ?? "/"), basePath);
    if (path === undefined) return notMounted(response, next);
    const url = (): string => requestUrl(originOf(request, trustProxy), path);
    void handleNodeRequest(current(), request, response, { url, basePath, onError, ...(next && { next }) });
  };
}

function notMounted(response: ServerResponse, next?: () => void): void {
  if (next !== undefined) return next();
  response.writeHead(404, { "content-length": "0" }).end();
}
