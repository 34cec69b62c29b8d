import { z } from "zod";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { ClientAuthentication, CodeExchange, Provider, ProviderTokens } from "./provider.ts";
import type { ProviderClient } from "./provider-client.ts";

const tokensSchema = z.looseObject({ access_token: z.string().min(1), refresh_token: z.string().nullish(), id_token: z.string().nullish() });

/** Gets a provider's tokens for a code (RFC 6749, 4.1.3). @throws BackendError bad_oauth_callback, unexpected_failure */
export async function exchangeCode(client: ProviderClient, provider: Provider, exchange: CodeExchange): Promise<ProviderTokens> {
  if (provider.exchangeCode) return provider.exchangeCode(client, provider, exchange);
  const { token, clientAuthentication } = await provider.endpoints(client);
  const [first, second] = clientAuthentication === "either" ? (["basic", "post"] as const) : [clientAuthentication, undefined];
  const response = await request(client, provider, exchange, token, first);
  const isRefused = second !== undefined && (response.status === 400 || response.status === 401);
  return readTokens(isRefused ? await request(client, provider, exchange, token, second) : response);
}

async function request(client: ProviderClient, { clientIds: [clientId], secret }: Provider, { code, redirectUri, verifier }: CodeExchange, token: string, authentication: Exclude<ClientAuthentication, "either">): Promise<Response> {
  const oauth = await import("oauth4webapi");
  const known = await secret();
  const authenticate = known === "" ? oauth.None() : authentication === "basic" ? oauth.ClientSecretBasic(known) : oauth.ClientSecretPost(known);
  const parameters = { code, redirect_uri: redirectUri, ...(verifier === undefined ? {} : { code_verifier: verifier }) };
  const options = { [oauth.customFetch]: (url: string, init: { method: string; headers: Record<string, string>; body: URLSearchParams | string | null | undefined }) => client.fetch(url, init), [oauth.allowInsecureRequests]: token.startsWith("http:") };
  return oauth.genericTokenEndpointRequest({ issuer: new URL(token).origin, token_endpoint: token }, { client_id: clientId }, authenticate, "authorization_code", parameters, options as never);
}

/** Some providers answer 200 with an error in it. */
async function readTokens(response: Response): Promise<ProviderTokens> {
  const answer: unknown = await response.json().catch(() => undefined);
  const parsed = tokensSchema.safeParse(answer);
  if (!response.ok || !parsed.success) throw refused(answer, response.status);
  const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = parsed.data;
  return { accessToken, refreshToken: refreshToken || undefined, idToken: idToken || undefined, all: parsed.data };
}

/** What the provider says is for the project's log, not for whoever brought the code. */
export function refused(answer: unknown, status: number): AuthError {
  const { error, error_description: description } = (typeof answer === "object" && answer !== null ? answer : {}) as { error?: unknown; error_description?: unknown };
  const said = [error, description].filter((each) => typeof each === "string").join(": ");
  return new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "Unable to exchange external code", cause: new Error(`The provider answered with status ${status}. ${said}`) });
}
