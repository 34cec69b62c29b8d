import type { Tenant } from "../tenant/tenant.ts";
import type { Exchange } from "./exchange.ts";

/** Records requests, and what they ask of databases, as spans. What records them is the host's. */
export interface Tracing {
  /**
   * Runs `answer` within a span of its own, a child of the trace that the request names.
   * `answer` is told the trace's id, where one is recorded.
   */
  request(exchange: Exchange, answer: (traceId: string | undefined) => Promise<Response>): Promise<Response>;
  /** `tenant`, with a span around each transaction. */
  tenant(tenant: Tenant): Tenant;
}
