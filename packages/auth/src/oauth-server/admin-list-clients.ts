import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { clientResponse, toOAuthClient } from "./oauth-client.ts";
import { pageOf, pageHeaders } from "./page.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";

export const adminListClients = defineEndpoint({
  id: "auth.admin.oauth-client.list",
  method: "GET",
  path: "/admin/oauth/clients",
  access: "admin",
  requires: requireOAuthServer,
  handle: async (call) => {
    const page = pageOf(call.query);
    const { rows, total } = await call.db(async (db) => {
      const there = db.selectFrom("auth.oauth_clients").where("deleted_at", "is", null);
      const { count } = await there.select((e) => e.fn.countAll<string>().as("count")).executeTakeFirstOrThrow();
      const found = await there.selectAll().orderBy("created_at", "desc").orderBy("id").limit(page.perPage).offset((page.page - 1) * page.perPage).execute();
      return { rows: found, total: Number(count) };
    });
    return json({ clients: rows.map((row) => clientResponse(toOAuthClient(row))) }, 200, pageHeaders(new URL(call.request.url), page, total));
  },
});
