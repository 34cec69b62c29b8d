import type { Caller, RequestContext } from "@plinth/core";
import type { TenantStorage } from "../tenant-storage.ts";
import { runQuery } from "./run-query.ts";
import type { StorageCall } from "./storage-call.ts";

/** What a call is made for. */
export interface CallOptions {
  readonly storage: TenantStorage;
  readonly operation: string;
  readonly params: Readonly<Record<string, string>>;
  /** Default: whom the request comes from. */
  readonly caller?: Caller;
}

export function createCall(context: RequestContext, { storage, operation, params, caller = context.caller }: CallOptions): StorageCall {
  const { request, tenant } = context;
  let search: URLSearchParams | undefined;
  const call: StorageCall = {
    request,
    context,
    tenant,
    params,
    caller,
    storage,
    operation,
    get search() {
      return (search ??= new URLSearchParams(context.query));
    },
    get signal() {
      return request.signal;
    },
    query: (actor, statements, options) => runQuery(call, actor, statements, options),
  };
  return call;
}
