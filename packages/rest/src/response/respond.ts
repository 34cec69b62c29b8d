import { reply, type ReplyHeaders } from "@plinth/core";
import type { Answer } from "./answer.ts";

/** Statuses of responses that can't have a body (Fetch Standard). */
const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * A response with its exact Content-Length in bytes.
 *
 * @param body undefined where there is none and nothing is said of its length: HEAD, 204
 */
export function respond(status: number, headers: ReplyHeaders, body: Answer["body"]): Response {
  if (body === undefined || NULL_BODY.has(status)) return reply(null, { status, headers });
  const sized = { ...headers, "Content-Length": String(Buffer.byteLength(body)) };
  return reply(body.length === 0 ? null : body, { status, headers: sized });
}
