import { BackendError, type Claims, isUuid } from "@plinth/core";
import { loadUserOf } from "../endpoint/require-user.ts";
import { toUser, type User } from "../users/user.ts";
import { createTenantAuthAdmin } from "./create-tenant-auth-admin.ts";
import { RECENT_USERS } from "./recent-users.ts";
import type { InProcessOptions } from "./send-in-process.ts";
import { shownTokens, type ShownTokensOptions, type WithHeaders } from "./shown-tokens.ts";
import type { TenantAuthApi, UserClaims } from "./tenant-auth-api.ts";

/** What host code has of a project's users. */
export function createTenantAuthApi(options: InProcessOptions): TenantAuthApi {
  const { tenant, verify } = options;
  const claimsOf = async (from: WithHeaders | string, shown?: ShownTokensOptions): Promise<UserClaims | undefined> => {
    const tokens = typeof from === "string" ? [from] : shownTokens(from, shown);
    const verified = await Promise.all(tokens.map((token) => verifiedClaims(token, verify)));
    const [claims, ...others] = verified.filter((each) => each !== undefined);
    // Whose cookie it is that somebody has put beside the user's own can't be told.
    return others.some(({ sub }) => sub !== claims?.sub) ? undefined : claims;
  };
  return {
    getClaims: claimsOf,
    getUser: async (from, shown) => {
      const claims = await claimsOf(from, shown);
      if (claims === undefined) return undefined;
      const read = async (): Promise<User | undefined> => {
        const found = await unlessRefused(loadUserOf({ tenant }, claims));
        return found && toUser(found.user);
      };
      if (shown?.fresh) return read();
      // A copy each: what one caller does to it is nobody else's.
      return structuredClone(await tenant.state(RECENT_USERS).get(JSON.stringify([claims.sub, claims["session_id"]]), read));
    },
    admin: createTenantAuthAdmin(options),
  };
}

/** Of a user's token alone: the project's keys are JWTs as well, and opaque ones are nobody's. */
async function verifiedClaims(token: string, verify: InProcessOptions["verify"]): Promise<UserClaims | undefined> {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined;
  const claims = (await unlessRefused((async () => verify(token))()))?.claims;
  return claims !== undefined && isOfUser(claims) ? claims : undefined;
}

const isOfUser = (claims: Claims): claims is UserClaims => isUuid(claims["sub"]);

/** What is refused for the caller's sake is no answer; what the server can't do is an error. */
async function unlessRefused<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BackendError && error.status < 500) return undefined;
    throw error;
  }
}
