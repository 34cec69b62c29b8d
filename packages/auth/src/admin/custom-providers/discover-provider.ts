import type { OutboundFetch } from "@plinth/core";
import { z } from "zod";
import { AuthError } from "../../auth-error.ts";
import type { AuthCall } from "../../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { sendRequest } from "../../providers/send-request.ts";
import { checkOutsideAddress } from "./outside-address.ts";

const texts = z.array(z.string()).optional();

/** What is kept of it (OpenID Connect Discovery 1.0, 3). */
const documentSchema = z.object({
  issuer: z.string().min(1), authorization_endpoint: z.string().min(1), token_endpoint: z.string().min(1), jwks_uri: z.string().min(1), userinfo_endpoint: z.string().optional(),
  scopes_supported: texts, response_types_supported: texts, grant_types_supported: texts, subject_types_supported: texts,
});
export type DiscoveryDocument = z.infer<typeof documentSchema>;

/**
 * Asks an issuer for its description of itself, so that what is wrong with it is seen when it is set up.
 * @throws BackendError validation_failed
 */
export async function discoverProvider({ auth: { outbound }, signal }: AuthCall, issuer: string, url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`): Promise<DiscoveryDocument> {
  const document = await read(outbound.within(outbound.reach), url, signal);
  if (document["issuer"] !== issuer) throw failed(url, `issuer mismatch, expected ${JSON.stringify(issuer)} got ${JSON.stringify(document["issuer"] ?? "")}`);
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) throw new AuthError(AUTH_ERRORS.validationFailed, { message: `OIDC discovery document is missing required fields: ${[...new Set(parsed.error.issues.map(({ path }) => String(path[0])))].join(", ")}` });
  const { authorization_endpoint: authorization, token_endpoint: token, jwks_uri: jwks, userinfo_endpoint: userinfo = token } = parsed.data;
  for (const endpoint of [authorization, token, jwks, userinfo]) await checkOutsideAddress(endpoint, outbound.reach);
  return parsed.data;
}

async function read(fetch: OutboundFetch, url: string, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
  const response = await sendRequest(fetch, url, { headers: { accept: "application/json" } }, signal).catch((cause: unknown) => Promise.reject(failed(url, "the request failed", cause)));
  if (response.status !== 200) throw failed(url, `the answer has status ${response.status}`);
  const document: unknown = await response.json().catch((cause: unknown) => Promise.reject(failed(url, "the answer is no JSON", cause)));
  return typeof document === "object" && document !== null ? (document as Record<string, unknown>) : {};
}

const failed = (url: string, why: string, cause?: unknown): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message: `OIDC discovery from ${JSON.stringify(url)} failed: ${why}`, cause });
