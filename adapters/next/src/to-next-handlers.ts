import { lazyHandler, toRealResponse, withMountPath } from "@plinth/core";
import type { FetchHandlerSource } from "@plinth/core";

export interface NextHandlersOptions {
  /** Path of the folder that the catch-all route lies in, e.g. "/api" for app/api/[[...path]]/route.ts. Default: "/". */
  readonly basePath?: string;
}

export type NextHandler = (request: Request) => Promise<Response>;

/** The methods that Next.js lets a route handler export. */
export type NextHandlers = Readonly<Record<"GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS", NextHandler>>;

/**
 * Makes a backend the handlers of a catch-all route in Next.js' App Router. The backend sees URLs
 * below `basePath`. Give a function rather than a backend: `next build` imports routes, in several
 * processes at once, and none of them should start one.
 *
 * @example
 * // app/api/[[...path]]/route.ts
 * export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = toNextHandlers(() => createBackend(), { basePath: "/api" });
 */
export function toNextHandlers(handler: FetchHandlerSource, options: NextHandlersOptions = {}): NextHandlers {
  const current = lazyHandler(handler);
  const basePath = (options.basePath ?? "").replace(/\/+$/, "");
  const answer: NextHandler = async (request) => {
    const backend = await current();
    return toRealResponse(await backend.fetch(below(request, basePath)));
  };
  return { GET: answer, POST: answer, PUT: answer, PATCH: answer, DELETE: answer, HEAD: answer, OPTIONS: answer };
}

/** The request with its mount path taken off; as it is where it lies elsewhere. */
function below(request: Request, basePath: string): Request {
  const url = new URL(request.url);
  if (basePath === "" || !`${url.pathname}/`.startsWith(`${basePath}/`)) return request;
  url.pathname = url.pathname.slice(basePath.length) || "/";
  return withMountPath(new Request(url, request), basePath);
}
