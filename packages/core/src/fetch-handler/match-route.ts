import type { Service } from "../service/service.ts";

/** Where a URL leads: a service, and the path below its prefix. */
export interface Route {
  readonly service: Service;
  /** The service's, below the backend's base path. */
  readonly prefix: string;
  /** Begins with "/", percent-encoded as sent. */
  readonly path: string;
  /** Without "?". */
  readonly query: string;
}

/** The path and query of an absolute URL as they were sent; `new URL` would normalise them, and costs more. */
export function splitUrl(url: string): { path: string; query: string } {
  const authority = url.indexOf("://");
  let start = authority < 0 ? 0 : url.indexOf("/", authority + 3);
  if (start < 0) start = url.length;
  const hash = url.indexOf("#", start);
  const end = hash < 0 ? url.length : hash;
  const mark = url.indexOf("?", start);
  if (mark < 0 || mark > end) return { path: url.slice(start, end) || "/", query: "" };
  return { path: url.slice(start, mark) || "/", query: url.slice(mark + 1, end) };
}

/** Finds the service that the host is given to (@param isSites whether it is a domain that a site has to itself), else the one whose prefix the path is below; undefined where nobody answers. */
export function matchRoute(services: readonly Service[], basePath: string, url: string, isSites = false): Route | undefined {
  const { path, query } = splitUrl(url);
  for (const service of services) {
    if (service.takesHost !== undefined) {
      if (service.takesHost(url, isSites)) return { service, prefix: "", path, query };
      continue;
    }
    const prefix = basePath + service.prefix;
    if (!path.startsWith(prefix)) continue;
    if (path.length === prefix.length) return { service, prefix, path: "/", query };
    if (path[prefix.length] === "/") return { service, prefix, path: path.slice(prefix.length), query };
  }
  return undefined;
}
