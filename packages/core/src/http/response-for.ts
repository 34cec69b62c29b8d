import { toRealResponse } from "./light-response.ts";
import { isUnrouted, markUnrouted } from "./unrouted.ts";

/** Property by which a request says that whoever sent it reads light responses. */
export const ACCEPTS_LIGHT: unique symbol = Symbol.for("plinth.request.acceptsLight") as never;

/**
 * The form of `response` that the sender of `request` can read: as it is for this project's Node
 * adapters, a genuine Response for everybody else, whose runtimes look into its internal slots.
 * The last step of every `fetch`.
 */
export function responseFor(request: Request, response: Response): Response {
  if (ACCEPTS_LIGHT in request) return response;
  const real = toRealResponse(response);
  return real !== response && isUnrouted(response) ? markUnrouted(real) : real;
}
