import type { ExternalProfile } from "../identities/external-profile.ts";
import type { ProviderClient } from "./provider-client.ts";
import type { Issuer, VerifiedIdToken } from "./verify-id-token.ts";

/** How a client shows who it is at the token endpoint (RFC 6749, 2.3.1). `either`: as a header, and if that is refused in the body. */
export type ClientAuthentication = "post" | "basic" | "either";

export interface ProviderEndpoints {
  readonly authorization: string;
  readonly token: string;
  readonly clientAuthentication: ClientAuthentication;
}

/** What a token endpoint answers (RFC 6749, 5.1; OpenID Connect Core, 3.1.3.3). */
export interface ProviderTokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
  /** All of it, for providers that say more there. */
  readonly all: Readonly<Record<string, unknown>>;
}

/** What a profile can be read from once a code has been exchanged. */
export interface ProfileSource {
  readonly tokens: ProviderTokens;
  readonly client: ProviderClient;
  /** The nonce that was sent; undefined: none was. */
  readonly nonce: string | undefined;
  /** What the browser brought along: Apple's `user`. */
  readonly callback: URLSearchParams;
}

/** id_tokens of a provider, by which one can sign in without any redirect. */
export interface IdTokenSource {
  /** @param idToken not yet verified: some providers have an issuer for each of their tenants @throws BackendError where the issuer is none of the provider's */
  issuerOf(client: ProviderClient, idToken: string): Promise<Issuer>;
  toProfile(token: VerifiedIdToken): ExternalProfile;
  /** Who else the token may be meant for: an application's bundle id. */
  readonly furtherAudiences?: readonly string[];
  /** Nonces are not compared: the provider can't keep one. */
  readonly withoutNonce?: boolean;
}

/** What has to be sent for a code. */
export interface CodeExchange {
  readonly code: string;
  readonly redirectUri: string;
  /** Undefined: without PKCE. */
  readonly verifier: string | undefined;
}

/** A provider of OAuth 2 or OpenID Connect as one project has it. */
export interface Provider {
  /** What `provider=` and `identities.provider` have. */
  readonly name: string;
  /** Who it says to be in its answers, where it does (RFC 9207). */
  readonly issuer?: string | undefined;
  /** The first one asks; tokens for any of them are taken. */
  readonly clientIds: readonly [string, ...string[]];
  readonly secret: () => Promise<string>;
  /** Where the provider sends browsers back to; undefined: to the project's own callback. */
  readonly redirectUri: string | undefined;
  readonly scopes: readonly string[];
  readonly scopeSeparator: string;
  /** Whether codes are bound by PKCE at the provider, too. */
  readonly pkce: boolean;
  /** Whether a nonce is sent, and looked for in the id_token. */
  readonly nonce: boolean;
  readonly emailOptional: boolean;
  readonly skipNonceCheck: boolean;
  /** Added to the address that the browser is sent to. */
  readonly authorizationParams: Readonly<Record<string, string>>;
  readonly fragment: string;
  endpoints(client: ProviderClient): Promise<ProviderEndpoints>;
  /** In place of the usual request, for a provider that doesn't keep to RFC 6749. */
  readonly exchangeCode: ((client: ProviderClient, provider: Provider, exchange: CodeExchange) => Promise<ProviderTokens>) | undefined;
  readProfile(source: ProfileSource, provider: Provider): Promise<ExternalProfile>;
  /** Undefined: the provider has no id_tokens. */
  readonly idTokens: IdTokenSource | undefined;
}
