export { handleNodeRequest } from "./handle-node-request.ts";
export type { HostHooks } from "./handle-node-request.ts";
export { toRealRequest } from "./lazy-request.ts";
export type { NodeRequest, NodeResponse } from "./node-message.ts";
export { normalizeBasePath, origin, originOf, pathBelow, requestUrl } from "./request-url.ts";
export type { TrustProxy } from "./request-url.ts";
export { toNodeHandler } from "./to-node-handler.ts";
export type { NodeHandler, NodeHandlerOptions } from "./to-node-handler.ts";
