import type { z } from "zod";
import type { StorageCall } from "./storage-call.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/** `key`: whoever shows a key or token of the project. `open`: anybody; the endpoint itself sees to it that they may. `admin`: the service role. */
export type Access = "key" | "open" | "admin";

export interface EndpointDefinition<Body> {
  /** Upstream's name of the operation: what logs call it, and policies read as `storage.operation()`. */
  readonly id: string;
  readonly method: Method;
  /** Below `/storage/v1`, as `PathTable` has it. */
  readonly path: string;
  readonly access: Access;
  /** Of a JSON body. None: the endpoint reads the body itself. */
  readonly body?: z.ZodType<Body>;
  handle(call: StorageCall, body: Body): Promise<Response>;
}

/** One endpoint, as the table of them has it. */
export type Endpoint = EndpointDefinition<unknown>;

/** Ties the type of the body to that of the handler. */
export const defineEndpoint = <Body = undefined>(definition: EndpointDefinition<Body>): Endpoint => definition as unknown as Endpoint;
