import { LightResponse } from "./light-response.ts";
import type { ReplyBody, ReplyHeaders } from "./light-response.ts";

export interface ReplyInit {
  /** 200 to 599. Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<ReplyHeaders>;
}

const TEXT = "text/plain;charset=UTF-8";

/**
 * A Response that costs next to nothing until somebody looks inside: Node adapters write its parts
 * to the socket as they are. It behaves as `new Response(body, init)` does, except that a bad
 * header value is found only when it is sent, and that bytes are not copied: leave them unchanged.
 * Web-standard hosts need a genuine one: see `responseFor`.
 *
 * @throws RangeError or TypeError where the Fetch Standard's constructor would: a status outside
 * 200–599, a body with 204, 205 or 304
 * @example
 * return reply(JSON.stringify(rows), { headers: { "content-type": "application/json" } });
 */
export function reply(body: ReplyBody, init: ReplyInit = {}): Response {
  const status = init.status ?? 200;
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new RangeError(`A response's status is 200 to 599, not ${status}.`);
  if (body !== null && (status === 204 || status === 205 || status === 304)) throw new TypeError(`A response of status ${status} has no body.`);
  const headers = { ...init.headers };
  if (typeof body === "string" && !namesContentType(headers)) headers["content-type"] = TEXT;
  return new LightResponse(body, status, headers) as unknown as Response;
}

function namesContentType(headers: ReplyHeaders): boolean {
  for (const name in headers) if (name.length === 12 && name.toLowerCase() === "content-type") return true;
  return false;
}
