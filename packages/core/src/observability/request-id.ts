import { randomUUID } from "node:crypto";

/** Header by which a request's id comes in and goes out. */
export const REQUEST_ID_HEADER = "x-request-id";

/** What may stand in logs and headers as it is: no spaces, quotes, line ends or markup. */
const SANE = /^[\w.:@=/+-]{1,128}$/;

/** The id that the request came with, from a proxy or a client, where it is a sane one; else a new one. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get(REQUEST_ID_HEADER);
  return given !== null && SANE.test(given) ? given : randomUUID();
}
