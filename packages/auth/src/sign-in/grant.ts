import type { AuthCall } from "../endpoint/auth-call.ts";
import type { RateLimitName } from "../endpoint/endpoint.ts";

/** A way to get a session: what `grant_type` chooses. */
export interface Grant {
  readonly rateLimit: RateLimitName;
  handle(call: AuthCall, body: unknown): Promise<Response>;
}
