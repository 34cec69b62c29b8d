export type { RestConfig } from "./config/rest-config.ts";
