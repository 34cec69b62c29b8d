import type { ServerTiming } from "../http/server-timing.ts";
import type { Caller } from "../tenant/scope.ts";
import type { Tenant } from "../tenant/tenant.ts";

/** What becomes known of a request on its way: maybe never its tenant or caller. */
export interface Exchange {
  readonly request: Request;
  readonly requestId: string;
  /** Name of the service that it is for. */
  readonly service: string;
  /** What is asked of the service, one of a few: `rest.read`. */
  operation(): string;
  /** Path below the service's prefix. */
  readonly path: string;
  /** Prefix of the service, with the backend's base path. */
  readonly prefix: string;
  readonly timing: ServerTiming;
  readonly tenant?: Tenant | undefined;
  readonly caller?: Caller | undefined;
  /** Of the trace that it is part of, where one is recorded. */
  readonly traceId?: string | undefined;
}
