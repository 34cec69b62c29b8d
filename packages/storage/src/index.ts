export { STORAGE_ERRORS } from "./errors.ts";
