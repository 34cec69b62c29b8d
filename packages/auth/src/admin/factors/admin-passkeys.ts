import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json } from "../../endpoint/respond.ts";
import { passkeysOf, toPasskey } from "../../passkeys/passkey.ts";
import { loadTarget } from "../load-target.ts";

/** A user's passkeys: their names and times alone. */
export const adminPasskeys = defineEndpoint({
  id: "auth.admin.passkeys.list",
  method: "GET",
  path: "/admin/users/:userId/passkeys",
  access: "admin",
  handle: async (call) => {
    const rows = await call.db(async (db) => {
      const { row } = await loadTarget(call, db);
      return passkeysOf(db, row.id);
    });
    return json(rows.map(toPasskey));
  },
});
