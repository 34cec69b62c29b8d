import { randomBytes, randomUUID } from "node:crypto";
import type { AuthTransaction } from "../database/auth-database.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { authMethodOf, checkMetadata, clientTypeOf, GRANT_TYPES, type Registration } from "./client-metadata.ts";
import { clientSecretDigest, type OAuthClient, toOAuthClient } from "./oauth-client.ts";

export interface CreatedOAuthClient {
  readonly client: OAuthClient;
  /** Of confidential ones; it is kept as a digest alone. */
  readonly secret: string | undefined;
}

/** @throws BackendError validation_failed */
export async function createOAuthClient(call: AuthCall, registration: Registration, kind: "dynamic" | "manual"): Promise<CreatedOAuthClient> {
  checkMetadata(registration);
  const method = authMethodOf(registration);
  const secret = method === "none" ? undefined : newClientSecret();
  const secretDigest = secret === undefined ? null : await clientSecretDigest(call, secret);
  const client = await call.db((db) => insert(db, registration, { kind, method, secretDigest }));
  return { client, secret };
}

/** 256 bits as base64url. */
export const newClientSecret = (): string => randomBytes(32).toString("base64url");

interface Details {
  readonly kind: "dynamic" | "manual";
  readonly method: ReturnType<typeof authMethodOf>;
  readonly secretDigest: string | null;
}

async function insert(db: AuthTransaction, given: Registration, { kind, method, secretDigest }: Details): Promise<OAuthClient> {
  const at = now();
  const row = await db
    .insertInto("auth.oauth_clients")
    .values({
      id: randomUUID(), client_secret_hash: secretDigest, registration_type: kind, client_type: clientTypeOf(method), token_endpoint_auth_method: method,
      redirect_uris: given.redirect_uris.join(","), grant_types: (given.grant_types ?? GRANT_TYPES).join(","),
      client_name: given.client_name ?? null, client_uri: given.client_uri ?? null, logo_uri: given.logo_uri ?? null, created_at: at, updated_at: at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toOAuthClient(row);
}
