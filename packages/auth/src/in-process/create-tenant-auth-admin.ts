import type { GeneratedLink } from "../admin/links/generate-link.ts";
import type { SessionInfo } from "../sessions/list-sessions.ts";
import type { Factor, User } from "../users/user.ts";
import { type InProcessOptions, type InProcessRequest, sendInProcess } from "./send-in-process.ts";
import type { GenerateLinkParams, ListUsersParams, TenantAuthAdmin, UserPage } from "./tenant-auth-admin.ts";

/** The endpoints below `/admin`, as functions. */
export function createTenantAuthAdmin(options: InProcessOptions): TenantAuthAdmin {
  const send = (request: InProcessRequest): Promise<Response> => sendInProcess(options, request);
  const read = async <T>(request: InProcessRequest): Promise<T> => (await (await send(request)).json()) as T;
  const userPath = (id: string, rest = ""): string => `/admin/users/${encodeURIComponent(id)}${rest}`;
  return {
    createUser: (attributes) => read<User>({ method: "POST", path: "/admin/users", body: attributes }),
    getUserById: (id) => read<User>({ method: "GET", path: userPath(id) }),
    listUsers: async (params = {}) => toPage(await send({ method: "GET", path: `/admin/users?${queryOf(params)}` }), params),
    updateUserById: (id, attributes) => read<User>({ method: "PUT", path: userPath(id), body: attributes }),
    deleteUser: async (id, shouldSoftDelete = false) => void (await send({ method: "DELETE", path: userPath(id), body: { should_soft_delete: shouldSoftDelete } })),
    inviteUserByEmail: (email, { data, redirectTo } = {}) => read<User>({ method: "POST", path: `/invite${redirectTo === undefined ? "" : `?${new URLSearchParams({ redirect_to: redirectTo })}`}`, body: { email, data } }),
    generateLink: async (params) => split(await read<GeneratedLink>({ method: "POST", path: "/admin/generate_link", body: linkBody(params) })),
    signOut: async (token, scope = "global") => void (await send({ method: "POST", path: `/logout?scope=${scope}`, caller: await options.verify(token) })),
    listSessions: async (id) => (await read<{ readonly sessions: readonly SessionInfo[] }>({ method: "GET", path: userPath(id, "/sessions") })).sessions,
    revokeSessions: async (id, sessionId) => void (await send({ method: "DELETE", path: userPath(id, sessionId === undefined ? "/sessions" : `/sessions/${encodeURIComponent(sessionId)}`) })),
    mfa: {
      listFactors: ({ userId }) => read<readonly Factor[]>({ method: "GET", path: userPath(userId, "/factors") }),
      deleteFactor: ({ userId, id }) => read<Factor>({ method: "DELETE", path: userPath(userId, `/factors/${encodeURIComponent(id)}`) }),
    },
  };
}

const DEFAULT_PER_PAGE = 50;

function queryOf({ page = 1, perPage = DEFAULT_PER_PAGE, filter, sort }: ListUsersParams): URLSearchParams {
  return new URLSearchParams({ page: String(page), per_page: String(perPage), ...(filter === undefined ? {} : { filter }), ...(sort === undefined ? {} : { sort: `created_at ${sort}` }) });
}

async function toPage(response: Response, { page = 1, perPage = DEFAULT_PER_PAGE }: ListUsersParams): Promise<UserPage> {
  const { users, aud } = (await response.json()) as Pick<UserPage, "users" | "aud">;
  const total = Number(response.headers.get("x-total-count"));
  const lastPage = Math.ceil(total / perPage);
  return { users, aud, total, nextPage: page < lastPage ? page + 1 : null, lastPage };
}

const linkBody = ({ newEmail, redirectTo, ...rest }: GenerateLinkParams): object => ({ ...rest, new_email: newEmail, redirect_to: redirectTo });

function split({ action_link, email_otp, hashed_token, verification_type, redirect_to, ...user }: GeneratedLink): Awaited<ReturnType<TenantAuthAdmin["generateLink"]>> {
  return { user, properties: { action_link, email_otp, hashed_token, verification_type, redirect_to } };
}
