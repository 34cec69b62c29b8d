export { toNextHandlers } from "./to-next-handlers.ts";
export type { NextHandler, NextHandlers, NextHandlersOptions } from "./to-next-handlers.ts";
