import type { Generated } from "kysely";

/** Tables that GoTrue doesn't have. */
export interface RateLimitsTable {
  bucket: string;
  tokens: number;
  refilled_at: Date;
}

export interface SealedKeysTable {
  name: string;
  /** `TenantSecrets.seal`, "auth.key". */
  sealed: string;
  created_at: Generated<Date>;
}
