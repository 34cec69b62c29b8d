export { toExpressHandler } from "./to-express-handler.ts";
export type { ExpressHandlerOptions } from "./to-express-handler.ts";
