import { AuthError } from "../../auth-error.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { listUsers } from "../../users/list-users.ts";
import { toUser } from "../../users/user.ts";
import { pageOf, paginationHeaders } from "../pagination.ts";

/** The users of an audience, a page at a time, the latest first. */
export const adminUsers = defineEndpoint({
  id: "auth.admin.users.list",
  method: "GET",
  path: "/admin/users",
  access: "admin",
  handle: async (call) => {
    const { aud, query } = call;
    const direction = directionOf(query.getAll("sort"));
    const page = pageOf(call);
    const { users, total } = await call.db((db) => listUsers(db, { aud, filter: query.get("filter") ?? "", direction, ...page }));
    return json({ users: users.map(toUser), aud }, 200, paginationHeaders(call, page, total));
  },
});

/** `sort=created_at asc`: no other field can be sorted by, so that of several the first decides. */
function directionOf(values: readonly string[]): "asc" | "desc" {
  const [direction = "desc"] = values.map(readSort);
  return direction;
}

function readSort(value: string): "asc" | "desc" {
  const [, field = "", direction] = /^(\S*)(?: (.*))?$/s.exec(value) ?? [];
  if (field !== "created_at") throw badSort(`bad field for sort '${field}'`);
  const lower = (direction ?? "desc").toLowerCase();
  if (lower === "asc" || lower === "desc") return lower;
  throw badSort(`bad direction for sort '${direction}', only 'asc' and 'desc' allowed`);
}

const badSort = (why: string): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message: `Bad Sort Parameters: ${why}` });
