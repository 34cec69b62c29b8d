import type { Payload } from "../../request/api-request.ts";

/** The body as JSON text; undefined where the request has none. */
export function mutationBody(payload: Payload | undefined): string | undefined {
  return payload?.kind === "urlEncoded" ? JSON.stringify(Object.fromEntries(payload.pairs)) : payload?.raw;
}
