import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { now } from "../database/now.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { checkMetadata, type ClientUpdate, clientTypeOf, clientUpdateSchema, isAuthMethod } from "./client-metadata.ts";
import { clientResponse, namedOAuthClient, type OAuthClient, type OAuthClientRow, toOAuthClient } from "./oauth-client.ts";
import { requireOAuthServer } from "./require-oauth-server.ts";

export const adminUpdateClient = defineEndpoint({
  id: "auth.admin.oauth-client.update",
  method: "PUT",
  path: "/admin/oauth/clients/:clientId",
  access: "admin",
  requires: requireOAuthServer,
  body: clientUpdateSchema,
  handle: async (call, body) => {
    if (Object.values(body).every((value) => value === undefined)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "No fields provided for update" });
    checkMetadata(body);
    const row = await call.db(async (db) => update(db, await namedOAuthClient(call, db), body));
    return json(clientResponse(toOAuthClient(row)));
  },
});

async function update(db: AuthTransaction, { row }: OAuthClient, body: ClientUpdate): Promise<OAuthClientRow> {
  const method = body.token_endpoint_auth_method ?? row.token_endpoint_auth_method;
  if (!isAuthMethod(method) || clientTypeOf(method) !== row.client_type) {
    throw new AuthError(AUTH_ERRORS.validationFailed, { message: `token_endpoint_auth_method '${method}' is not valid for client_type '${row.client_type}'`, details: "token_endpoint_auth_method" });
  }
  const { redirect_uris: redirectUris, grant_types: grantTypes, client_name: name, client_uri: uri, logo_uri: logo } = body;
  return db
    .updateTable("auth.oauth_clients")
    .set({
      token_endpoint_auth_method: method,
      updated_at: now(),
      ...(redirectUris === undefined ? {} : { redirect_uris: redirectUris.join(",") }),
      ...(grantTypes === undefined ? {} : { grant_types: grantTypes.join(",") }),
      ...(name === undefined ? {} : { client_name: name || null }),
      ...(uri === undefined ? {} : { client_uri: uri || null }),
      ...(logo === undefined ? {} : { logo_uri: logo || null }),
    })
    .where("id", "=", row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
