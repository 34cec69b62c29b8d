import type { Caller, Claims, RequestContext, Tenant } from "@plinth/core";
import type { TenantStorage } from "../tenant-storage.ts";
import type { StorageQuery } from "./storage-query.ts";

/** Something that is done in Storage, for a request or for host code: for whom, and with what. */
export interface StorageWork extends StorageQuery {
  readonly tenant: Tenant;
  readonly caller: Caller;
  readonly storage: TenantStorage;
  /** What policies read as `storage.operation()`. */
  readonly operation: string;
  readonly signal: AbortSignal | undefined;
}

/** A request to Storage, with what its endpoint needs. */
export interface StorageCall extends StorageWork {
  readonly request: Request;
  readonly context: RequestContext;
  /** Of the path, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly search: URLSearchParams;
  readonly signal: AbortSignal;
}

/** Who an object that the caller makes is said to belong to: `sub`, where there is one. */
export const ownerOf = ({ claims }: { readonly claims: Claims }): string | undefined => (typeof claims["sub"] === "string" && claims["sub"] !== "" ? claims["sub"] : undefined);
