import type { RequestContext } from "@plinth/core";
import type { z } from "zod";
import type { TenantSite } from "../tenant-site.ts";

/** A request to the administration of a site, by the project's service role. */
export interface AssetsCall {
  readonly request: Request;
  readonly context: RequestContext;
  /** Of the path, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly site: TenantSite;
  /** The address at which a file of the site is read. @param path percent-encoded where it must be */
  publicUrl(path: string): Promise<string>;
}

export interface EndpointDefinition<Body> {
  /** What logs call it. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/assets/admin/v1`, as `PathTable` has it. */
  readonly path: string;
  /** Of a JSON body. None: the endpoint reads the body itself. */
  readonly body?: z.ZodType<Body>;
  handle(call: AssetsCall, body: Body): Promise<Response>;
}

export type Endpoint = EndpointDefinition<unknown>;

/** Ties the type of the body to that of the handler. */
export const defineEndpoint = <Body = undefined>(definition: EndpointDefinition<Body>): Endpoint => definition as unknown as Endpoint;
