import { ServerTiming } from "../http/server-timing.ts";
import type { ProjectGate } from "../limits/project-gate.ts";
import type { FinishedRequest } from "../observability/finished-request.ts";
import { requestIdOf } from "../observability/request-id.ts";
import type { ErrorContext } from "../service/service.ts";
import type { Caller } from "../tenant/scope.ts";
import type { Tenant } from "../tenant/tenant.ts";
import type { Route } from "./match-route.ts";

/** A request on its way, with what has become known of it so far. */
export class RequestExchange implements FinishedRequest, ErrorContext {
  readonly request: Request;
  readonly route: Route;
  readonly requestId: string;
  readonly timing = new ServerTiming();
  tenant: Tenant | undefined;
  caller: Caller | undefined;
  /** Of the project, once the request has come as far as that. */
  gate: ProjectGate | undefined;
  traceId: string | undefined;
  status = 0;
  durationMs = 0;

  constructor(request: Request, route: Route) {
    this.request = request;
    this.route = route;
    this.requestId = requestIdOf(request);
  }

  get service(): string {
    return this.route.service.name;
  }

  get path(): string {
    return this.route.path;
  }

  get prefix(): string {
    return this.route.prefix;
  }

  operation(): string {
    return this.route.service.operation?.(this.request.method, this.route.path) ?? this.route.service.name;
  }
}
