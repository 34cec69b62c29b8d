import { mountPathOf } from "@plinth/core";

/** What proxies that take a prefix off the path say of it; nothing that could lead to another host. */
const PREFIX = /^(?:\/[\w.~-]+)+$/;

/**
 * Where an upload is, as an absolute path: it holds whatever host and protocol clients know the backend by. A prefix that a
 * proxy takes off is believed, as only who sent the request hears of it.
 */
export function uploadLocation(request: Request, id: string): string {
  const prefix = request.headers.get("x-forwarded-prefix")?.replace(/\/+$/, "") ?? "";
  const { pathname } = new URL(request.url);
  return `${PREFIX.test(prefix) ? prefix : ""}${mountPathOf(request)}${pathname.replace(/\/$/, "")}/${id}`;
}
