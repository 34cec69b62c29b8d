import { BackendError, type BackendErrorOptions, type ErrorDefinition } from "../errors/backend-error.ts";

/**
 * Why a key or token was refused. Codes and messages up to `audienceMalformed` are PostgREST's
 * (https://docs.postgrest.org/en/stable/references/errors.html#group-3-jwt-errors).
 */
export const TOKEN_ERRORS = {
  secretMissing: { code: "PGRST300", status: 500, message: "Server lacks JWT secret" },
  empty: { code: "PGRST301", status: 401, message: "Empty JWT is sent in Authorization header" },
  parts: { code: "PGRST301", status: 401, message: "Expected 3 parts in JWT" },
  key: { code: "PGRST301", status: 401, message: "No suitable key or wrong key type" },
  algorithm: { code: "PGRST301", status: 401, message: "Wrong or unsupported encoding algorithm" },
  malformed: { code: "PGRST301", status: 401, message: "JWT cryptographic operation failed" },
  tokenType: { code: "PGRST301", status: 401, message: "Unsupported token type" },
  required: { code: "PGRST302", status: 401, message: "Anonymous access is disabled" },
  expired: { code: "PGRST303", status: 401, message: "JWT expired" },
  notYetValid: { code: "PGRST303", status: 401, message: "JWT not yet valid" },
  issuedInFuture: { code: "PGRST303", status: 401, message: "JWT issued at future" },
  audience: { code: "PGRST303", status: 401, message: "JWT not in audience" },
  claims: { code: "PGRST303", status: 401, message: "Parsing claims failed" },
  expiryMalformed: { code: "PGRST303", status: 401, message: "The JWT 'exp' claim must be a number" },
  notBeforeMalformed: { code: "PGRST303", status: 401, message: "The JWT 'nbf' claim must be a number" },
  issuedMalformed: { code: "PGRST303", status: 401, message: "The JWT 'iat' claim must be a number" },
  audienceMalformed: { code: "PGRST303", status: 401, message: "The JWT 'aud' claim must be a string or an array of strings" },
  wrongProject: { code: "PGRST303", status: 401, message: "JWT is for another project", hint: "Use a key or token of the project that the request is for." },
  /** What PostgreSQL itself says of a role that doesn't exist, and PostgREST's status for it. */
  role: { code: "22023", status: 401, message: "The JWT's role does not exist" },
  apiKey: { code: "PLINTH_API_KEY_INVALID", status: 401, message: "Invalid API key.", hint: "Send a key of the project that was not revoked." },
  apiKeyExpired: { code: "PLINTH_API_KEY_EXPIRED", status: 401, message: "The API key has expired." },
  secretKeyInBrowser: { code: "PLINTH_SECRET_KEY_IN_BROWSER", status: 401, message: "Secret API keys are refused from browsers.", hint: "Use a publishable key there, and take this one back: whoever opens the page can read it." },
  keySetUnavailable: { code: "PLINTH_KEY_SET_UNAVAILABLE", status: 503, message: "The key set that tokens are verified with can't be fetched right now.", hint: "Try again shortly. On the server: check the project's jwks.url." },
} as const satisfies Record<string, ErrorDefinition>;

/** What a 401 asks for (RFC 6750, section 3), by code. */
const CHALLENGES: Readonly<Record<string, (message: string) => string>> = {
  PGRST301: invalidToken,
  PGRST302: () => "Bearer",
  PGRST303: invalidToken,
  PLINTH_API_KEY_INVALID: invalidToken,
  PLINTH_API_KEY_EXPIRED: invalidToken,
  PLINTH_SECRET_KEY_IN_BROWSER: invalidToken,
};

/** An error from the table with the `WWW-Authenticate` header that goes with it. */
export function tokenError(cause: keyof typeof TOKEN_ERRORS, options: BackendErrorOptions = {}): BackendError {
  const definition: ErrorDefinition = TOKEN_ERRORS[cause];
  const challenge = CHALLENGES[definition.code];
  if (challenge === undefined) return new BackendError(definition, options);
  return new BackendError(definition, { ...options, headers: { ...options.headers, "WWW-Authenticate": challenge(options.message ?? definition.message) } });
}

function invalidToken(message: string): string {
  return `Bearer error="invalid_token", error_description="${message}"`;
}
