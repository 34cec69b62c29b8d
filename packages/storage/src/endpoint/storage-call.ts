import type { Caller, Claims, RawResult, RequestContext, Statement, Tenant } from "@plinth/core";
import type { TenantStorage } from "../tenant-storage.ts";

/** As whom a statement is run: whoever asks, or the service role, which passes over row level security. */
export type Actor = "caller" | "service";

export interface QueryOptions {
  /** Nothing is kept of what the statements do: they only show whether they may. Default: false. */
  readonly rollback?: boolean;
  readonly readOnly?: boolean;
  /** Goes on although the client is gone: to end what has begun. Default: false. */
  readonly unstoppable?: boolean;
  /** Among the statements are savepoints, which take a transaction that was begun: one round trip more. Default: false. */
  readonly savepoints?: boolean;
}

/** Something that is done in Storage, for a request or for host code: for whom, and with what. */
export interface StorageWork {
  readonly tenant: Tenant;
  readonly caller: Caller;
  readonly storage: TenantStorage;
  /** What policies read as `storage.operation()`. */
  readonly operation: string;
  readonly signal: AbortSignal | undefined;
  /**
   * Sends statements in one transaction and one round trip.
   * @throws StorageError of what PostgreSQL raises
   */
  query(actor: Actor, statements: readonly Statement[], options?: QueryOptions): Promise<readonly RawResult[]>;
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
