import { isUuid } from "@plinth/core";
import type { Selectable } from "kysely";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { OAuthClientsTable } from "../database/auth-tables.ts";
import { timestamp } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";

export type OAuthClientRow = Readonly<Selectable<OAuthClientsTable>>;

/** An application of somebody else's, in which users of the project may sign in. */
export interface OAuthClient {
  readonly row: OAuthClientRow;
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly string[];
}

export function toOAuthClient(row: OAuthClientRow): OAuthClient {
  return { row, redirectUris: split(row.redirect_uris), grantTypes: split(row.grant_types) };
}

const split = (text: string): readonly string[] => text.split(",").filter((part) => part !== "");

/** One that is there still. */
export async function findOAuthClient(db: AuthTransaction, id: string): Promise<OAuthClient | undefined> {
  if (!isUuid(id)) return undefined;
  const row = await db.selectFrom("auth.oauth_clients").selectAll().where("id", "=", id).where("deleted_at", "is", null).executeTakeFirst();
  return row === undefined ? undefined : toOAuthClient(row);
}

/** The client that a path of the admin's names. @throws BackendError validation_failed, oauth_client_not_found */
export async function namedOAuthClient({ params }: Pick<AuthCall, "params">, db: AuthTransaction): Promise<OAuthClient> {
  const id = params["clientId"] ?? "";
  if (!isUuid(id)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "invalid client_id format" });
  const client = await findOAuthClient(db, id);
  if (client === undefined) throw new AuthError(AUTH_ERRORS.oauthClientNotFound);
  return client;
}

/** What is kept of a client's secret. */
export const clientSecretDigest = ({ tenant }: Pick<AuthCall, "tenant">, secret: string): Promise<string> => tenant.secrets.digest(secret, "auth.oauth-client-secret");

/** A client as administrators get it: `OAuthClient` of @supabase/auth-js. The secret is shown once, when it is made. */
export function clientResponse({ row, redirectUris, grantTypes }: OAuthClient, secret?: string): Readonly<Record<string, unknown>> {
  return {
    client_id: row.id,
    ...(secret === undefined ? {} : { client_secret: secret }),
    client_type: row.client_type,
    redirect_uris: redirectUris,
    token_endpoint_auth_method: row.token_endpoint_auth_method,
    grant_types: grantTypes,
    response_types: ["code"],
    ...(row.client_name ? { client_name: row.client_name } : {}),
    ...(row.client_uri ? { client_uri: row.client_uri } : {}),
    ...(row.logo_uri ? { logo_uri: row.logo_uri } : {}),
    registration_type: row.registration_type,
    created_at: timestamp(row.created_at),
    updated_at: timestamp(row.updated_at),
  };
}

/** What a user is shown of a client. */
export const clientDetails = ({ row }: OAuthClient): Readonly<Record<string, unknown>> => ({ id: row.id, name: row.client_name ?? "", uri: row.client_uri ?? "", logo_uri: row.logo_uri ?? "" });
