/** Express 4 under a name of its own; its surface, as far as the tests use it, is Express 5's. */
declare module "express4" {
  export { default } from "express";
}
