import { timingSafeEqual } from "node:crypto";
import { OAuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { AuthMethod } from "./client-metadata.ts";
import { clientSecretDigest, findOAuthClient, type OAuthClient } from "./oauth-client.ts";
import type { FormParameters } from "./read-form.ts";

interface Shown {
  readonly method: AuthMethod;
  readonly clientId: string;
  readonly secret: string;
}

/**
 * Which client asks (RFC 6749, 2.3). It shows its secret in the one way that it is registered with: no client can pass
 * itself off as a public one.
 *
 * @throws OAuthError invalid_client with 401
 */
export async function authenticateClient(call: AuthCall, parameters: FormParameters): Promise<OAuthClient> {
  const shown = basic(call.request) ?? inBody(parameters);
  const client = await call.db((db) => findOAuthClient(db, shown.clientId));
  const digest = await clientSecretDigest(call, shown.secret);
  if (client === undefined || client.row.token_endpoint_auth_method !== shown.method || !isRight(client, digest)) throw invalidClient("Invalid client credentials");
  if (parameters["client_id"] !== undefined && parameters["client_id"] !== client.row.id) throw invalidClient("client_id is not the client's that authenticates");
  return client;
}

function isRight({ row }: OAuthClient, digest: string): boolean {
  if (row.client_type === "public") return true;
  const [kept, shown] = [Buffer.from(row.client_secret_hash ?? ""), Buffer.from(digest)];
  return kept.length === shown.length && timingSafeEqual(kept, shown);
}

/** RFC 6749, 2.3.1: both parts are form-encoded before they are put together. */
function basic(request: Request): Shown | undefined {
  const encoded = /^basic\s+(.*)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  if (id === undefined || secret === undefined) throw invalidClient("invalid basic auth format");
  return { method: "client_secret_basic", clientId: formDecoded(id), secret: formDecoded(secret) };
}

function inBody({ client_id: clientId, client_secret: secret = "" }: FormParameters): Shown {
  if (!clientId) throw invalidClient("client_id is required");
  return { method: secret === "" ? "none" : "client_secret_post", clientId, secret };
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

const invalidClient = (description: string): OAuthError => new OAuthError("invalid_client", description, { status: 401, headers: { "WWW-Authenticate": 'Basic realm="oauth"' } });
