import { randomUUID } from "node:crypto";
import { type Caller, type RequestContext, ServerTiming, type Tenant } from "@plinth/core";
import type { Method } from "../endpoint/endpoint.ts";

export interface InProcessOptions {
  readonly tenant: Tenant;
  /** The service's own. */
  readonly handle: (context: RequestContext) => Promise<Response>;
  /** Whether requests that show no key are the project's. */
  readonly isDefault: boolean;
  /** @throws BackendError where the token doesn't hold */
  readonly verify: (token: string) => Caller | Promise<Caller>;
}

export interface InProcessRequest {
  readonly method: Method;
  /** Below `/auth/v1`, with its query. */
  readonly path: string;
  readonly body?: unknown;
  /** Default: the service role. */
  readonly caller?: Caller;
}

/** Names no host: where a link is to be made, the settings have to say where it leads. */
const BASE = "http://in-process.invalid/auth/v1";

/** Has an endpoint answer without a network, a key or a token. @throws what the endpoint throws, as it is */
export async function sendInProcess({ tenant, handle, isDefault, verify }: InProcessOptions, { method, path, body, caller = serviceCaller(tenant) }: InProcessRequest): Promise<Response> {
  const request = new Request(BASE + path, {
    method,
    // Endpoints of users want to see that there is a token; whose it is the caller says.
    headers: { authorization: "Bearer in-process", "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const [pathname = "", query = ""] = path.split("?");
  return handle({ request, tenant, caller, path: pathname, query, requestId: randomUUID(), timing: new ServerTiming(), isOwnHost: async () => false, isReachedWithoutKey: async () => isDefault, verify });
}

function serviceCaller({ project }: Tenant): Caller {
  const claims = { iss: "plinth", ref: project.ref, role: project.roles.service };
  return { role: project.roles.service, claims, claimsJson: JSON.stringify(claims), authenticated: true };
}
