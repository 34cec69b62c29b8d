import { toNodeHandler } from "@plinth/node";
import type { NodeHandler, NodeHandlerOptions, NodeRequest } from "@plinth/node";
import type { FetchHandlerSource } from "@plinth/core";

export type ExpressHandlerOptions = Pick<NodeHandlerOptions, "onError">;

/** What Express hangs on a request, of which its types don't show the compiled setting. */
type ExpressRequest = NodeRequest & { readonly app?: { get(setting: "trust proxy fn"): ((address: string | undefined, hop: number) => boolean) | undefined } };

/**
 * Mounts a backend in Express 4 or 5, in an app or a router. The backend sees URLs below the mount
 * path; what it has no service for goes on to the next handler, and errors to Express' error handlers.
 * Express' "trust proxy" setting holds. Body parsers may come before it, at the cost of a second
 * serialization; better mount it before them.
 *
 * @example
 * app.use("/api", toExpressHandler(backend));
 */
export function toExpressHandler(handler: FetchHandlerSource, options: ExpressHandlerOptions = {}): NodeHandler {
  return toNodeHandler(handler, { ...options, trustProxy: trustsProxy });
}

function trustsProxy(request: NodeRequest): boolean {
  const trust = (request as ExpressRequest).app?.get("trust proxy fn");
  return trust?.(request.socket.remoteAddress, 0) ?? false;
}
