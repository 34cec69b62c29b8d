/** What a browser brings to the client's redirect URI (RFC 6749, 4.1.2 and 4.1.2.1; RFC 9207 for `iss`). */
export type AuthorizationResponse = { readonly code: string } | { readonly error: string; readonly description: string };

export interface AnsweredRequest {
  readonly redirectUri: string;
  readonly state: string | null | undefined;
  /** Which server answers, so that a client of several can't be led to confuse them. */
  readonly issuer: string;
}

/**
 * The client's redirect URI as it was registered, with the answer added: nothing of it is rewritten.
 * @returns an absolute URI
 */
export function authorizationResponseUrl({ redirectUri, state, issuer }: AnsweredRequest, response: AuthorizationResponse): string {
  const parameters = new URLSearchParams("code" in response ? { code: response.code } : { error: response.error, error_description: response.description });
  if (state) parameters.set("state", state);
  parameters.set("iss", issuer);
  return `${redirectUri}${redirectUri.includes("?") ? (/[?&]$/.test(redirectUri) ? "" : "&") : "?"}${parameters.toString()}`;
}
