import type { Claims } from "@plinth/core";
import type { User } from "../users/user.ts";
import type { TenantAuthAdmin } from "./tenant-auth-admin.ts";
import type { ShownTokensOptions, WithHeaders } from "./shown-tokens.ts";

/** Claims of a user's access token, whose signature and times hold. */
export interface UserClaims extends Claims {
  /** The user's id. */
  readonly sub: string;
}

export interface GetUserOptions extends ShownTokensOptions {
  /** Ask the database in any case. Default: false. */
  readonly fresh?: boolean;
}

/** A project's users, for host code in the same process. */
export interface TenantAuthApi {
  /**
   * The user who sends a request, as it was at most a second ago, or later where Auth has changed anything in this process;
   * with `fresh`, as it is now. One round trip to the database, if any. Of a request the Bearer token counts; where it has
   * none, the cookies of @supabase/ssr.
   *
   * @param from a Request; Node's or Express' request; `{ headers: await headers() }`; or an access token
   * @returns undefined where nobody is signed in: no token or an expired one, another project's, a session that has
   * ended, a user who is banned or deleted; and where cookies hold for more than one user
   * @throws BackendError PLINTH_DATABASE_UNAVAILABLE and the like
   * @example
   * const { auth } = await backend.tenant();
   * app.get("/me", async (request, response) => {
   *   const user = await auth.getUser(request);
   *   if (!user) return response.sendStatus(401);
   *   response.json({ email: user.email });
   * });
   */
  getUser(from: WithHeaders | string, options?: GetUserOptions): Promise<User | undefined>;
  /**
   * What the token says of the user, without asking the database: also of a user who has been banned since, or whose
   * session has ended, until the token's time is over. Good as `claims` of `tenant.transaction`.
   * @returns undefined as `getUser`
   */
  getClaims(from: WithHeaders | string, options?: ShownTokensOptions): Promise<UserClaims | undefined>;
  /** With the service role's rights: keep it from users. */
  readonly admin: TenantAuthAdmin;
}
