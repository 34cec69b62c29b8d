import type { ServerTiming } from "@plinth/core";
import type { RestConfig } from "../config/rest-config.ts";
import type { ApiRequest } from "../request/api-request.ts";

/** What every response takes into account beside its own plan and result. */
export interface ResponseContext {
  readonly request: ApiRequest;
  readonly config: RestConfig;
  /** Its last mark, "response", is set when the response is complete. */
  readonly timing: ServerTiming;
}
