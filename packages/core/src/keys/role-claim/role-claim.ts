import type { Claims } from "../../tenant/scope.ts";

/** Finds the role in a token's claims; undefined where they name none. */
export type RoleClaim = (claims: Claims) => unknown;
