export { describeDatabases } from "./describe-databases.ts";
