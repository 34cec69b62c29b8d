import { isUuid } from "@plinth/core";
import { z } from "zod";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import { now } from "../database/now.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json, noContent } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { requireHighestAal } from "../mfa/require-session.ts";
import { AAL_MESSAGE, deletePasskeyOf, passkeyNotFound, passkeysOf, requirePasskeys, toPasskey } from "./passkey.ts";

const MAX_NAME_LENGTH = 120;

const bodySchema = z.object({ friendly_name: z.string().nullish() });

/** The user's passkeys. */
export const listPasskeys = defineEndpoint({
  id: "auth.passkeys.list",
  method: "GET",
  path: "/passkeys",
  access: "user",
  requires: requirePasskeys,
  handle: async (call) => json((await call.db((db) => passkeysOf(db, call.user.row.id))).map(toPasskey)),
});

/** Names a passkey. */
export const updatePasskey = defineEndpoint({
  id: "auth.passkeys.update",
  method: "PATCH",
  path: "/passkeys/:passkeyId",
  access: "user",
  requires: requirePasskeys,
  body: bodySchema,
  handle: async (call, { friendly_name: name }) => {
    const id = call.params["passkeyId"];
    if (!isUuid(id)) throw passkeyNotFound();
    if (!name) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "friendly_name is required" });
    if (Buffer.byteLength(name) > MAX_NAME_LENGTH) throw new AuthError(AUTH_ERRORS.validationFailed, { message: `friendly_name must be ${MAX_NAME_LENGTH} characters or less` });
    const passkey = await call.db(async (db) => {
      const updated = await db.updateTable("auth.webauthn_credentials").set({ friendly_name: name, updated_at: now() }).where("id", "=", id).where("user_id", "=", call.user.row.id).returningAll().executeTakeFirst();
      if (updated === undefined) throw passkeyNotFound();
      await audit(call, db, { action: "passkey_updated", actor: call.user.row, traits: { passkey_id: id } });
      return updated;
    });
    return json(toPasskey(passkey));
  },
});

/** Takes a passkey away. */
export const deletePasskey = defineEndpoint({
  id: "auth.passkeys.delete",
  method: "DELETE",
  path: "/passkeys/:passkeyId",
  access: "user",
  requires: requirePasskeys,
  handle: async (call) => {
    requireHighestAal(call, AAL_MESSAGE);
    await call.db(async (db) => {
      const { id } = await deletePasskeyOf(db, call.user.row.id, call.params["passkeyId"]!);
      await audit(call, db, { action: "passkey_deleted", actor: call.user.row, traits: { passkey_id: id } });
    });
    return noContent();
  },
});
