import type { z } from "zod";
import type { AuthConfig } from "../config/auth-options.ts";
import type { AuthCall, UserCall } from "./auth-call.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** `open`: whoever shows the project's key. `public`: anybody, without a key. `user`: a signed-in user. `admin`: the service role. */
export type Access = "open" | "public" | "user" | "admin";

export type RateLimitName = Exclude<keyof AuthConfig["rateLimit"], "header" | "emailSent" | "smsSent">;

interface CallOf {
  readonly open: AuthCall;
  readonly public: AuthCall;
  readonly user: UserCall;
  /** `UserCall` where the token is a user's whose role may administer. */
  readonly admin: AuthCall;
}

export interface EndpointDefinition<A extends Access, Body> {
  /** `auth.signup`: what logs and metrics call it. */
  readonly id: string;
  readonly method: Method;
  /** Below `/auth/v1`; `:name` stands for one part. */
  readonly path: string;
  readonly access: A;
  /** Of a JSON body. None: the body is not read. */
  readonly body?: z.ZodType<Body>;
  /** Takes from this allowance of the caller's address. */
  readonly rateLimit?: RateLimitName;
  /** A captcha has to be solved, where the project asks for it. */
  readonly captcha?: boolean;
  /** Anonymous users are refused. */
  readonly notAnonymous?: boolean;
  /** Taken from OAuth clients too, for users who have let them. Else a user's account is managed by the user alone. */
  readonly oauthClients?: boolean;
  /** @throws BackendError where the project has not switched the feature on */
  readonly requires?: (config: AuthConfig) => void;
  handle(call: CallOf[A], body: Body): Promise<Response>;
}

/** One endpoint, as the table of them has it. */
export interface Endpoint extends Omit<EndpointDefinition<Access, unknown>, "handle"> {
  handle(call: AuthCall, body: unknown): Promise<Response>;
}

/** Ties the types of access and body to those of the handler. */
export const defineEndpoint = <A extends Access, Body = undefined>(definition: EndpointDefinition<A, Body>): Endpoint => definition as unknown as Endpoint;
