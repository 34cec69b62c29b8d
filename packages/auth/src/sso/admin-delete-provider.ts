import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { namedSsoProvider, providerResponse } from "./sso-provider.ts";

/** Its users stay, and their sessions; nobody signs in by it any more. */
export const adminDeleteProvider = defineEndpoint({
  id: "auth.admin.sso-provider.delete",
  method: "DELETE",
  path: "/admin/sso/providers/:idpId",
  access: "admin",
  handle: async (call) => {
    const provider = await call.db(async (db) => {
      const found = await namedSsoProvider(call, db);
      await db.deleteFrom("auth.sso_providers").where("id", "=", found.row.id).execute();
      return found;
    });
    return json(providerResponse(provider));
  },
});
