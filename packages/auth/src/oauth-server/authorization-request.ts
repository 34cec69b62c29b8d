import { isSupportedScope, parseScopes } from "./scopes.ts";

/** What a client asks for, once it is known which one and where to answer. */
export interface AuthorizationRequest {
  readonly redirectUri: string;
  /** Separated by blanks. */
  readonly scope: string;
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  readonly resource: string | undefined;
  /** S256. */
  readonly codeChallenge: string;
}

/** An error code of RFC 6749, 4.1.2.1, and a sentence. */
export interface RefusedRequest {
  readonly error: string;
  readonly description: string;
}

export interface RequestRules {
  readonly defaultScope: string;
  /** Whether id_tokens can be made. */
  readonly hasIdTokens: boolean;
}

type Check = (query: URLSearchParams, scope: string, rules: RequestRules) => RefusedRequest | undefined;

const invalid = (description: string): RefusedRequest => ({ error: "invalid_request", description });

/** In this order. */
const CHECKS: readonly Check[] = [
  // RFC 6749, 3.1: two readers could each take another one.
  (query) => {
    const twice = [...new Set(query.keys())].find((name) => query.getAll(name).length > 1);
    return twice === undefined ? undefined : invalid("a parameter is included more than once");
  },
  (query) => ((query.get("response_type") || "code") === "code" ? undefined : { error: "unsupported_response_type", description: "only response_type=code is supported" }),
  (query) => ((query.get("response_mode") || "query") === "query" ? undefined : invalid("only response_mode=query is supported")),
  (query) => (query.has("request") ? { error: "request_not_supported", description: "request objects are not supported" } : undefined),
  (query) => (query.has("request_uri") ? { error: "request_uri_not_supported", description: "request objects are not supported" } : undefined),
  (_query, scope) => (parseScopes(scope).length === 0 ? { error: "invalid_scope", description: "scope parameter is required" } : undefined),
  (_query, scope) => {
    const unknown = parseScopes(scope).find((one) => !isSupportedScope(one));
    return unknown === undefined ? undefined : { error: "invalid_scope", description: "unsupported scope" };
  },
  (_query, scope, { hasIdTokens }) =>
    parseScopes(scope).includes("openid") && !hasIdTokens ? { error: "invalid_scope", description: "openid needs an asymmetric signing key, which this project does not have" } : undefined,
  (query) => checkResource(query.get("resource")),
  (query) => (query.get("code_challenge") && query.get("code_challenge_method") ? undefined : invalid("PKCE flow requires both code_challenge and code_challenge_method")),
  (query) => (query.get("code_challenge_method") === "S256" ? undefined : invalid("code_challenge_method must be 'S256'")),
  (query) => (/^[A-Za-z0-9_-]{43}$/.test(query.get("code_challenge") ?? "") ? undefined : invalid("code_challenge must be a SHA-256 hash as base64url")),
  (query) => (isKeepable(query.get("state"), 4_096) ? undefined : invalid("state is too long")),
  (query) => (isKeepable(query.get("nonce"), 255) ? undefined : invalid("nonce is too long")),
];

/** @returns what is asked for, or what the client is answered at its redirect URI */
export function readAuthorizationRequest(query: URLSearchParams, rules: RequestRules): AuthorizationRequest | RefusedRequest {
  const scope = query.get("scope") || rules.defaultScope;
  for (const check of CHECKS) {
    const refused = check(query, scope, rules);
    if (refused !== undefined) return refused;
  }
  const text = (name: string): string | undefined => query.get(name) || undefined;
  return { redirectUri: query.get("redirect_uri") ?? "", scope: parseScopes(scope).join(" "), state: text("state"), nonce: text("nonce"), resource: text("resource"), codeChallenge: query.get("code_challenge") ?? "" };
}

/** RFC 8707, 2. */
function checkResource(resource: string | null): RefusedRequest | undefined {
  if (!resource) return undefined;
  const isTarget = resource.length <= 2_048 && /^[a-z][a-z0-9+.-]*:/i.test(resource) && URL.canParse(resource) && !/[?#\s]|\p{C}/u.test(resource);
  return isTarget ? undefined : { error: "invalid_target", description: "resource must be an absolute URI without query and fragment" };
}

/** PostgreSQL has no U+0000. */
const isKeepable = (text: string | null, longest: number): boolean => text === null || (text.length <= longest && !text.includes("\0"));
